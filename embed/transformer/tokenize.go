package transformer

import (
	"unicode/utf8"
)

// bytesPerToken is more than a token of ordinary text has: of a text with more
// bytes than that for each token that the model takes, only as many are looked
// at, half at the beginning and half at the end.
const bytesPerToken = 64

// tokenize appends a text's tokens to those of the pass, and says whether it had
// more than the model takes.
func (e *Embedder) tokenize(w *workspace, prefix *prefix, text string) (truncated bool) {
	tokenizer := e.file.Tokenizer
	room := e.file.MaxTokens - len(prefix.ids) - 2 // for the first token and the last
	head, tail := halves(text, bytesPerToken*e.file.MaxTokens)
	w.ids = tokenizer.Append(w.ids[:0], head)
	if tail != "" {
		w.ids, truncated = tokenizer.Append(w.ids, tail), true
	}
	ids := &w.texts.IDs
	*ids = append(*ids, tokenizer.First())
	*ids = append(*ids, prefix.ids...)
	if len(w.ids) > room {
		last := room / 2
		*ids = append(*ids, w.ids[:room-last]...)
		*ids = append(*ids, w.ids[len(w.ids)-last:]...)
		truncated = true
	} else {
		*ids = append(*ids, w.ids...)
	}
	*ids = append(*ids, tokenizer.Last())
	w.texts.Ends = append(w.texts.Ends, len(*ids))
	if cap(w.ids) > keptIDs {
		w.ids = nil
	}
	return truncated
}

// keptIDs bounds the memory that is kept for a text's tokens.
const keptIDs = 1 << 14

// halves gives text whole and nothing or, when it is longer than most, about
// half as many bytes of its beginning and of its end.
func halves(text string, most int) (head, tail string) {
	if len(text) <= most {
		return text, ""
	}
	end, start := most/2, len(text)-most/2
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	for start < len(text) && !utf8.RuneStart(text[start]) {
		start++
	}
	return text[:end], text[start:]
}
