"""Makes the ids that the tokenizers are held to, by Hugging Face's tokenizers 0.23.3: `make golden-ids`.

    python golden_ids.py TEXTS.jsonl MULTILINGUAL BERT HERE

TEXTS.jsonl is what `go run ./embed/transformer/tokentest/texts` prints. Of two small vocabularies, which are learnt from
the texts, some ids are kept as they are; of all texts, and of the tokenizers in the folders MULTILINGUAL (Unigram, from
`make multilingual-e5-small`) and BERT (WordPiece, from `make bge-small`), the first 4 bytes of the SHA-256 of the ids.
"""
import base64, gzip, hashlib, json, os, struct, sys
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers, trainers

WHOLE = 300  # texts whose ids are kept as they are
texts_file, multilingual, bert, here = sys.argv[1:]
texts = [json.loads(line) for line in open(texts_file)]


def ids_of(tokenizer):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]


def sums(ids):
    return b"".join(hashlib.sha256(struct.pack(f"<{len(i)}I", *i)).digest()[:4] for i in ids)


def encoded(ids):
    return {"sums": base64.b64encode(sums(ids)).decode(), "cases": [{"text": t, "ids": i} for t, i in zip(texts[:WHOLE], ids)]}


def text_of(golden):
    return json.dumps(golden, ensure_ascii=False, separators=(",", ":")).replace('{"text"', '\n{"text"') + "\n"


def write_gzip(path, text):
    with open(path, "wb") as f:
        f.write(gzip.compress(text.encode(), 9, mtime=0))


SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def word_piece(model, lower):
    t = Tokenizer(model)
    t.normalizer, t.pre_tokenizer = normalizers.BertNormalizer(lowercase=lower), pre_tokenizers.BertPreTokenizer()
    return t


learner = word_piece(models.WordPiece(unk_token="[UNK]"), True)
learner.train_from_iterator(texts[:WHOLE], trainers.WordPieceTrainer(vocab_size=2000, special_tokens=SPECIAL, show_progress=False))
vocabulary = [w for w, _ in sorted(learner.get_vocab().items(), key=lambda x: x[1])]
golden = {"vocabulary": vocabulary}
for name, lower in ("uncased", True), ("cased", False):
    t = word_piece(models.WordPiece({w: i for i, w in enumerate(vocabulary)}, unk_token="[UNK]", max_input_chars_per_word=100), lower)
    t.add_special_tokens(SPECIAL)
    golden[name] = encoded(ids_of(t))
write_gzip(os.path.join(here, "wordpiece/testdata/golden.json.gz"), text_of(golden))

real = Tokenizer.from_file(os.path.join(multilingual, "tokenizer.json"))
saved = json.loads(real.to_str())
learner = Tokenizer(models.Unigram())
learner.normalizer, learner.pre_tokenizer = real.normalizer, real.pre_tokenizer
learner.train_from_iterator(texts[:WHOLE], trainers.UnigramTrainer(
    vocab_size=2000, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], unk_token="<unk>", show_progress=False))
pieces = json.loads(learner.to_str())["model"]["vocab"]
golden = {"pieces": pieces, "charsmap": saved["normalizer"]["normalizers"][0]["precompiled_charsmap"]}
for name, before in ("divided", real.pre_tokenizer), ("spaced", pre_tokenizers.Metaspace("▁", "always")):
    t = Tokenizer(models.Unigram([(p, s) for p, s in pieces], unk_id=3))
    t.normalizer, t.pre_tokenizer = real.normalizer, before
    if name == "spaced":  # as later versions of transformers convert SentencePiece's models
        t.normalizer = normalizers.Sequence([real.normalizer[0], normalizers.Strip(left=False, right=True), real.normalizer[1]])
    t.add_special_tokens([AddedToken(pieces[i][0], normalized=False, special=True, lstrip=i == 4) for i in range(5)])
    golden[name] = encoded(ids_of(t))
write_gzip(os.path.join(here, "unigram/testdata/golden.json.gz"), text_of(golden))

for folder in multilingual, bert:
    t = Tokenizer.from_file(os.path.join(folder, "tokenizer.json"))
    with open(os.path.join(here, "testdata", os.path.basename(folder) + ".sums"), "wb") as f:
        f.write(sums(ids_of(t)))
