package ollama

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// bytesPerToken is more than a token of ordinary text covers: what lies
	// beyond context × this many bytes is not even sent.
	bytesPerToken = 32
	// specialTokens is room for what the model adds to each text.
	specialTokens = 4
	// emptyText stands for a text without any visible character, which some
	// models refuse.
	emptyText = "."
)

// input is what is sent for a text, and whether that is not all of it.
func (e *Embedder) input(prefix, text string) (input string, cut bool) {
	if limit := e.context * bytesPerToken; len(text) > limit {
		text, cut = ends(text, limit), true
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if strings.IndexFunc(text, visible) < 0 {
		text = emptyText
	}
	return prefix + text, cut
}

func visible(r rune) bool { return !unicode.IsSpace(r) && !unicode.IsControl(r) && r != utf8.RuneError }

// mayOverflow says whether an input could have more tokens than the context;
// a token has at least one byte.
func (e *Embedder) mayOverflow(input string) bool { return len(input)+specialTokens > e.context }

// shorten cuts text to at most size bytes, at the start of a character and,
// if one is near, of a word.
func shorten(text string, size int) string {
	if size >= len(text) {
		return text
	}
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	text = text[:size]
	if space := strings.LastIndexByte(text, ' '); space > len(text)*3/4 {
		text = text[:space]
	}
	return text
}

// ends cuts text to at most size bytes of its beginning and its end, where a
// question stands that follows much else, or precedes it.
func ends(text string, size int) string {
	if size >= len(text) {
		return text
	}
	half := max(0, size-1) / 2
	from := len(text) - half
	for from < len(text) && !utf8.RuneStart(text[from]) {
		from++
	}
	tail := text[from:]
	if space := strings.IndexByte(tail, ' '); space >= 0 && space < len(tail)/4 {
		tail = tail[space+1:]
	}
	return shorten(text, half) + "\n" + tail
}
