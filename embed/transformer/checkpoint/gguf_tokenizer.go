package checkpoint

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/semroute/semroute/embed/transformer/addedtoken"
	"github.com/semroute/semroute/embed/transformer/unigram"
)

// tokenizer reads one of the two kinds that encoders have.
func (g *gguf) tokenizer(c *Checkpoint) error {
	tokens, _ := g.settings["tokenizer.ggml.tokens"].([]string)
	if len(tokens) == 0 {
		return g.bad("tokenizer.ggml.tokens is missing")
	}
	switch kind := g.settings["tokenizer.ggml.model"]; kind {
	case "bert":
		g.wordPiece(c, slices.Clone(tokens))
		return nil
	case "t5":
		c.Unigram = &unigram.Config{}
		return g.unigram(c.Unigram, tokens)
	default:
		return g.bad("tokenizer.ggml.model is %q; \"bert\" and \"t5\" are read", fmt.Sprint(kind))
	}
}

// wordPiece is BERT's tokenizer, with lower case and without accents, which is how
// llama.cpp itself treats every text. It has metaspace before the tokens that
// begin a word; those that go on in one have nothing.
func (g *gguf) wordPiece(c *Checkpoint, tokens []string) {
	for i, token := range tokens {
		if strings.HasPrefix(token, "[") && strings.HasSuffix(token, "]") {
			continue
		}
		if head, ok := strings.CutPrefix(token, metaspace); ok {
			tokens[i] = head
		} else {
			tokens[i] = defaultContinuing + token
		}
	}
	t := &c.Tokenizer
	t.Tokens, t.Continuing, t.MaxWordRunes = tokens, defaultContinuing, defaultWordRunes
	t.Unknown, t.First, t.Last, t.Added = unknownToken, firstToken, lastToken, presentOf(tokens)
	t.CleanText, t.SpaceCJK, t.StripAccents, t.Lowercase = true, true, true, true
}

// Kinds of tokens of llama.cpp.
const (
	ggmlNormal = iota + 1
	ggmlUnknown
	ggmlControl
	ggmlUserDefined
)

// unigram is SentencePiece's tokenizer, which llama.cpp calls by the model that had
// it first. Of the tokens only the normal ones are pieces of words; those with a
// part of their own are found in a text as they are, and those that only fill the
// table never.
func (g *gguf) unigram(c *unigram.Config, tokens []string) error {
	scores, err := g.numbers("tokenizer.ggml.scores", ggufFloat32, len(tokens))
	if err != nil {
		return err
	}
	kinds, err := g.numbers("tokenizer.ggml.token_type", ggufInt32, len(tokens))
	if err != nil {
		return err
	}
	unknown := -1
	c.Pieces = make([]unigram.Piece, len(tokens))
	for i, text := range tokens {
		switch kinds[i] {
		case ggmlNormal:
			c.Pieces[i] = unigram.Piece{Text: text, Score: float64(math.Float32frombits(scores[i]))}
			continue
		case ggmlUnknown:
			unknown = i
		case ggmlControl, ggmlUserDefined:
		default:
			continue
		}
		c.Added = append(c.Added, addedtoken.Token{Text: text, ID: uint32(i), StripLeft: text == "<mask>"})
	}
	for _, id := range []struct {
		key  string
		last int // what it is when the file does not say
		to   *uint32
	}{
		{"unknown_token_id", unknown, &c.Unknown},
		{"bos_token_id", slices.Index(tokens, "<s>"), &c.First},
		{"eos_token_id", slices.Index(tokens, "</s>"), &c.Last},
	} {
		value, ok := g.settings["tokenizer.ggml."+id.key].(float64)
		if !ok {
			value = float64(id.last)
		}
		if value < 0 || value >= float64(len(tokens)) {
			return g.bad("tokenizer.ggml.%s: %v is the place of none of %d tokens", id.key, value, len(tokens))
		}
		*id.to = uint32(value)
	}
	if charsmap, ok := g.settings["tokenizer.ggml.precompiled_charsmap"].(ggufArrayOf); ok {
		c.Charsmap = charsmap.data
	}
	prepend, said := g.settings["tokenizer.ggml.add_space_prefix"].(bool)
	c.Prepend = prepend || !said
	c.SplitSpaces, _ = g.settings["tokenizer.ggml.remove_extra_whitespaces"].(bool)
	return nil
}

// numbers are those of an array of 4 bytes each, as many as there are tokens.
func (g *gguf) numbers(name string, kind uint32, count int) ([]uint32, error) {
	const size = 4
	array, _ := g.settings[name].(ggufArrayOf)
	if array.kind != kind || len(array.data) != size*count {
		return nil, g.bad("%s is missing or not as long as tokenizer.ggml.tokens, %d", name, count)
	}
	values := make([]uint32, count)
	for i := range values {
		values[i] = binary.LittleEndian.Uint32(array.data[size*i:])
	}
	return values, nil
}
