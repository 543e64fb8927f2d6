package checkpoint

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/semroute/semroute/embed/transformer/addedtoken"
	"github.com/semroute/semroute/embed/transformer/unigram"
)

// unigram stores in c what t says of a SentencePiece tokenizer.
func (t *tokenizerJSON) unigram(c *unigram.Config) error {
	if t.Model.ByteFallback {
		return fmt.Errorf("model.byte_fallback is true; only false is computed")
	}
	if err := t.pieces(c); err != nil {
		return err
	}
	first, last, err := t.surroundings()
	if err != nil {
		return err
	}
	for _, s := range []struct {
		text string
		to   *uint32
	}{{first, &c.First}, {last, &c.Last}} {
		id := slices.IndexFunc(c.Pieces, func(p unigram.Piece) bool { return p.Text == s.text })
		if id < 0 {
			return fmt.Errorf("post_processor: %q is not in the vocabulary", s.text)
		}
		*s.to = uint32(id)
	}
	if err := t.Normalizer.unigram(c); err != nil {
		return err
	}
	return t.PreTokenizer.unigram(c)
}

// scoredPiece is a pair of a piece and its score.
type scoredPiece unigram.Piece

func (p *scoredPiece) UnmarshalJSON(data []byte) error {
	pair := []any{&p.Text, &p.Score}
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("%.80s is no piece with its score", data)
	}
	return nil
}

// pieces are those of the model, with added tokens behind them where these are
// no pieces.
func (t *tokenizerJSON) pieces(c *unigram.Config) error {
	var pieces []scoredPiece
	if err := json.Unmarshal(t.Model.Vocab, &pieces); err != nil {
		return fmt.Errorf("model.vocab: %w", err)
	}
	if t.Model.UnknownID == nil || *t.Model.UnknownID < 0 || *t.Model.UnknownID >= len(pieces) {
		return fmt.Errorf("model.unk_id: it must be the place of one of %d pieces", len(pieces))
	}
	c.Unknown = uint32(*t.Model.UnknownID)
	c.Pieces = make([]unigram.Piece, len(pieces))
	for i, p := range pieces {
		c.Pieces[i] = unigram.Piece(p)
	}
	added := slices.SortedFunc(slices.Values(t.Added), func(a, b addedJSON) int { return a.ID - b.ID })
	for _, a := range added {
		if a.SingleWord || a.Normalized {
			return fmt.Errorf("added_tokens: %q: single_word and normalized are not computed", a.Content)
		}
		if a.ID == len(c.Pieces) {
			c.Pieces = append(c.Pieces, unigram.Piece{Text: a.Content})
		}
		if a.ID < 0 || a.ID >= len(c.Pieces) || c.Pieces[a.ID].Text != a.Content {
			return fmt.Errorf("added_tokens: %q has id %d, which is not its place among %d pieces", a.Content, a.ID, len(c.Pieces))
		}
		c.Added = append(c.Added, addedtoken.Token{Text: a.Content, ID: uint32(a.ID), StripLeft: a.Lstrip, StripRight: a.Rstrip})
	}
	return nil
}

// unigram stores what a normaliser does: the map of characters, then what is
// stripped, then several spaces as one, any of which may be missing.
func (n *normalizerJSON) unigram(c *unigram.Config) error {
	steps := []normalizerJSON{*n}
	if n.Type == "Sequence" {
		steps = n.Normalizers
	}
	next := 0 // of the three
	for i, step := range steps {
		place := -1
		switch {
		case step.Type == "" && len(steps) == 1:
			return nil
		case step.Type == "Precompiled":
			place, c.Charsmap = 0, step.Charsmap
		case step.Type == "Strip":
			place, c.StripLeft, c.StripRight = 1, step.Left, step.Right
		case step.Type == "Replace" && step.Pattern.Regex == " {2,}" && (step.Content == " " || step.Content == metaspace):
			place, c.CollapseSpaces = 2, true
		}
		if place < next {
			return fmt.Errorf("normalizer: step %d, %q: Precompiled, Strip and Replace of several spaces are computed, in this order", i+1, step.Type)
		}
		next = place + 1
	}
	return nil
}

// metaspace is what stands for a space in pieces.
const metaspace = "\u2581"

// unigram stores how a text is divided: by Metaspace, which may be preceded by
// WhitespaceSplit.
func (p *preTokenizerJSON) unigram(c *unigram.Config) error {
	last := p
	if p.Type == "Sequence" {
		if len(p.PreTokenizers) == 0 {
			return fmt.Errorf("pre_tokenizer: a Sequence of nothing")
		}
		last = &p.PreTokenizers[len(p.PreTokenizers)-1]
		if len(p.PreTokenizers) == 2 && p.PreTokenizers[0].Type == "WhitespaceSplit" {
			c.SplitSpaces = true
		} else if len(p.PreTokenizers) != 1 {
			return fmt.Errorf("pre_tokenizer: a Sequence of WhitespaceSplit and Metaspace is computed, no other")
		}
	}
	switch {
	case last.Type != "Metaspace" || last.Replacement != metaspace:
		return fmt.Errorf("pre_tokenizer.type is %q with the replacement %q; only \"Metaspace\" with %q is read", last.Type, last.Replacement, metaspace)
	case last.Split != nil && !*last.Split:
		return fmt.Errorf("pre_tokenizer.split is false; only true is computed")
	}
	switch {
	case last.PrependScheme == "always", last.PrependScheme == "" && (last.AddPrefixSpace == nil || *last.AddPrefixSpace):
		c.Prepend = true
	case last.PrependScheme == "never", last.PrependScheme == "":
	default:
		return fmt.Errorf("pre_tokenizer.prepend_scheme is %q; \"always\" and \"never\" are computed", last.PrependScheme)
	}
	return nil
}
