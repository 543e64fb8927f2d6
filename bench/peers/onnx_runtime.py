"""Embeds token ids by ONNX Runtime, with the weights in 8 bits, on one core.

usage: onnx_runtime.py JAR

JAR is the Maven artifact that ships bge-small-en-v1.5 as ONNX: the weights that
semroute's own model is made of. They are quantised as ONNX Runtime's own tool
does it. After a first line that names the version, every line read is a JSON
object {"ids": [...], "count": n}: the ids are embedded n times, and the answer is
a line of JSON with the median time and the vector. It ends with its input. Text
is not turned into ids here: only the network is timed.
"""

import json
import pathlib
import statistics
import sys
import tempfile
import time
import zipfile

import numpy as np
import onnxruntime as ort
from onnxruntime.quantization import QuantType, quantize_dynamic


def session(jar: str) -> ort.InferenceSession:
    with tempfile.TemporaryDirectory() as folder:
        whole, small = pathlib.Path(folder, "whole.onnx"), pathlib.Path(folder, "int8.onnx")
        whole.write_bytes(zipfile.ZipFile(jar).read("bge-small-en-v1.5.onnx"))
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        return ort.InferenceSession(small.read_bytes(), options, providers=["CPUExecutionProvider"])


def answer(**fields) -> None:
    print(json.dumps(fields), flush=True)


def main() -> None:
    model = session(sys.argv[1])
    output = model.get_outputs()[0].name
    answer(version=f"ONNX Runtime {ort.__version__}")
    for line in sys.stdin:
        asked = json.loads(line)
        ids = np.array([asked["ids"]], dtype=np.int64)
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        took = []
        for _ in range(asked["count"]):
            start = time.perf_counter_ns()
            vector = model.run([output], inputs)[0][0][0]
            took.append(time.perf_counter_ns() - start)
        answer(p50_us=statistics.median(took) / 1000, vector=(vector / np.linalg.norm(vector)).tolist())


if __name__ == "__main__":
    main()
