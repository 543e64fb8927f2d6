"""Embeds prompts in float32 by numpy, straight from a folder of Hugging Face: what the 8-bit encoder is compared with.

    python reference.py COUNT FOLDER PROMPTS.jsonl... > FOLDER/reference.jsonl

Takes the texts of up to COUNT lines {"text": ...}, evenly from all files. Needs numpy, safetensors, tokenizers.
"""
import json, math, os, sys
import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

COUNT, folder, files = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
read = lambda name: json.load(open(os.path.join(folder, name)))
config, pooling = read("config.json"), read("1_Pooling/config.json")
weights = load_file(os.path.join(folder, "model.safetensors"))
tokenizer = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(read("sentence_bert_config.json")["max_seq_length"])
heads, hidden = config["num_attention_heads"], config["hidden_size"]
erf = np.vectorize(math.erf, otypes=[np.float32])


def linear(x, name):
    return x @ weights[name + ".weight"].T + weights[name + ".bias"]


def norm(x, name):
    x = x - x.mean(-1, keepdims=True)
    return x / np.sqrt((x * x).mean(-1, keepdims=True) + config["layer_norm_eps"]) * weights[name + ".weight"] + weights[name + ".bias"]


def encode(ids):
    e = "embeddings."
    x = norm(weights[e + "word_embeddings.weight"][ids] + weights[e + "position_embeddings.weight"][:len(ids)]
             + weights[e + "token_type_embeddings.weight"][0], e + "LayerNorm")
    for i in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{i}."
        split = lambda y: y.reshape(len(ids), heads, -1).transpose(1, 0, 2)
        q, k, v = (split(linear(x, at + "attention.self." + n)) for n in ("query", "key", "value"))
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(hidden / heads)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = (scores / scores.sum(-1, keepdims=True) @ v).transpose(1, 0, 2).reshape(len(ids), hidden)
        x = norm(x + linear(mixed, at + "attention.output.dense"), at + "attention.output.LayerNorm")
        y = linear(x, at + "intermediate.dense")
        y = y * .5 * (1 + erf(y / math.sqrt(2)))
        x = norm(x + linear(y, at + "output.dense"), at + "output.LayerNorm")
    x = x[0] if pooling["pooling_mode_cls_token"] else x.mean(0)
    return x / np.linalg.norm(x)


texts = [[json.loads(line)["text"] for line in open(f)] for f in files]
for of_file in texts:
    want = COUNT // len(files)
    for text in of_file[::max(1, len(of_file) // want)][:want]:
        vector = encode(tokenizer.encode(text).ids)
        print(json.dumps({"text": text, "vector": [round(float(v), 7) for v in vector]}))
