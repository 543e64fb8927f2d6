package ollama

import (
	"context"
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
	// maxShortenings bounds how often a refused text is shortened: to a
	// quarter of the context in bytes, and a few halvings more.
	maxShortenings = 6
	// emptyText stands for a text without any visible character, which some
	// models refuse.
	emptyText = "."
)

// job is one batch: texts in, vectors and flags out.
type job struct {
	prefix    string
	texts     []string
	vectors   [][]float32
	truncated []bool
}

// run embeds a batch. It asks the server not to cut, so an answer means that
// every text was read whole. When the server refuses, the texts that may be
// too long are embedded one by one.
func (e *Embedder) run(ctx context.Context, j job) error {
	inputs := make([]string, len(j.texts))
	for i, text := range j.texts {
		inputs[i], j.truncated[i] = e.input(j.prefix, text)
	}
	vectors, err := e.request(ctx, inputs, false)
	if err == nil {
		copy(j.vectors, vectors)
		return nil
	}
	if !refused(err) || !e.anyMayOverflow(inputs) {
		return err
	}
	return e.runApart(ctx, j, inputs)
}

// runApart embeds the texts that surely fit in one request and each of the
// others in one of its own.
func (e *Embedder) runApart(ctx context.Context, j job, inputs []string) error {
	var (
		fitting []string
		places  []int
	)
	for i, input := range inputs {
		if !e.mayOverflow(input) {
			fitting, places = append(fitting, input), append(places, i)
			continue
		}
		vector, cut, err := e.requestLong(ctx, input)
		if err != nil {
			return err
		}
		j.vectors[i], j.truncated[i] = vector, j.truncated[i] || cut
	}
	if len(fitting) == 0 {
		return nil
	}
	vectors, err := e.request(ctx, fitting, false)
	if err != nil {
		return err
	}
	for k, i := range places {
		j.vectors[i] = vectors[k]
	}
	return nil
}

// requestLong embeds one text that may be longer than the context: whole,
// then cut by the server, then cut here, shorter each time, because servers
// refuse some texts even when asked to cut.
func (e *Embedder) requestLong(ctx context.Context, input string) (vector []float32, cut bool, err error) {
	for _, truncate := range []bool{false, true} {
		vectors, err := e.request(ctx, []string{input}, truncate)
		if err == nil {
			return vectors[0], truncate, nil
		}
		if !refused(err) {
			return nil, false, err
		}
	}
	size := min(len(input)/2, 4*e.context)
	for range maxShortenings {
		input = shorten(input, size)
		var vectors [][]float32
		if vectors, err = e.request(ctx, []string{input}, true); err == nil {
			return vectors[0], true, nil
		}
		if !refused(err) {
			return nil, false, err
		}
		size = len(input) / 2
	}
	return nil, false, err
}

// input is what is sent for a text, and whether that is only its beginning.
func (e *Embedder) input(prefix, text string) (input string, cut bool) {
	if limit := e.context * bytesPerToken; len(text) > limit {
		text, cut = shorten(text, limit), true
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

func (e *Embedder) anyMayOverflow(inputs []string) bool {
	for _, input := range inputs {
		if e.mayOverflow(input) {
			return true
		}
	}
	return false
}

// request is one call of the server, checked, with unit vectors.
func (e *Embedder) request(ctx context.Context, inputs []string, truncate bool) ([][]float32, error) {
	select {
	case e.slots <- struct{}{}:
		defer func() { <-e.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return e.untilRunning(ctx, func() ([][]float32, error) { return e.send(ctx, inputs, truncate) })
}

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
