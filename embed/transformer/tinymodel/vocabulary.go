package tinymodel

import "strings"

// Characters that are tokens by themselves, and within a word.
const (
	letters = "bcdefghijklmnopqrstuvwxyz0123456789.,!?'-:"
	tails   = "abcdefghijklmnopqrstuvwxyz0123456789"
)

func vocabulary() []string {
	tokens := []string{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
	tokens = append(tokens, strings.Fields(words)...)
	for _, letter := range letters {
		tokens = append(tokens, string(letter))
	}
	for _, letter := range tails {
		tokens = append(tokens, "##"+string(letter))
	}
	return tokens
}

// space is what stands for a space in pieces.
const space = "\u2581"

// Places of the tokens of an XLM-RoBERTa that have a part of their own.
const xlmFirst, xlmLast, xlmUnknown, xlmSpecial = 0, 2, 3, 5

// pieces are the same words for SentencePiece, with scores that make a word
// likelier than its letters.
func pieces() (tokens []string, scores []float64) {
	tokens, scores = []string{"<s>", "<pad>", "</s>", "<unk>", "<mask>"}, make([]float64, xlmSpecial)
	for _, word := range strings.Fields(words) {
		tokens, scores = append(tokens, space+word), append(scores, -4)
	}
	for _, letter := range space + "a" + letters {
		tokens, scores = append(tokens, string(letter)), append(scores, -6)
	}
	return tokens, scores
}

func (m *Model) kind() string {
	if m.Scores != nil {
		return "xlm-roberta"
	}
	return "bert"
}

// tokenizer is the content of tokenizer.json.
func (m *Model) tokenizer() map[string]any {
	first, last := "[CLS]", "[SEP]"
	if m.Scores != nil {
		first, last = "<s>", "</s>"
	}
	token := func(name string) any { return map[string]any{"SpecialToken": map[string]any{"id": name}} }
	added := []any{}
	for id := range xlmSpecial {
		added = append(added, map[string]any{"id": id, "content": m.Tokens[id], "special": true, "lstrip": m.Tokens[id] == "<mask>"})
	}
	t := map[string]any{
		"added_tokens": added,
		"post_processor": map[string]any{
			"type": "TemplateProcessing", "single": []any{token(first), map[string]any{"Sequence": map[string]any{"id": "A"}}, token(last)},
		},
	}
	if m.Scores == nil {
		vocab := map[string]int{}
		for id, token := range m.Tokens {
			vocab[token] = id
		}
		t["normalizer"] = map[string]any{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true}
		t["pre_tokenizer"] = map[string]any{"type": "BertPreTokenizer"}
		t["model"] = map[string]any{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab}
		return t
	}
	vocab := []any{}
	for id, token := range m.Tokens {
		vocab = append(vocab, []any{token, m.Scores[id]})
	}
	t["normalizer"] = map[string]any{"type": "Sequence", "normalizers": []any{
		map[string]any{"type": "Precompiled", "precompiled_charsmap": Charsmap()},
	}}
	t["pre_tokenizer"] = map[string]any{"type": "Sequence", "pretokenizers": []any{
		map[string]any{"type": "WhitespaceSplit"}, map[string]any{"type": "Metaspace", "replacement": space, "prepend_scheme": "always"},
	}}
	t["model"] = map[string]any{"type": "Unigram", "unk_id": xlmUnknown, "vocab": vocab}
	return t
}

// Charsmap is a map of characters in SentencePiece's form that makes "a" of "A",
// and leaves all others as they are: a trie whose root leads to the unit of 'A',
// and from there to the place of "a" among the replacements.
func Charsmap() []byte {
	const units, leaf, offset, to = 256, 1 << 8, 1 << 10, 0
	trie := make([]uint32, units)
	trie[0] = 0
	trie['A'] = 'A' | leaf | offset<<7 // its value is at 'A' xor 128
	trie['A'^0x80] = 1<<31 | to
	return appendCharsmap(trie, "a\x00")
}
