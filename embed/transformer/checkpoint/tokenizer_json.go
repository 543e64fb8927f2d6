package checkpoint

import (
	"encoding/json"
	"fmt"

	"github.com/semroute/semroute/embed/transformer/unigram"
	"github.com/semroute/semroute/embed/transformer/wordpiece"
)

// tokenizerJSON is what is read of a tokenizer.json.
type tokenizerJSON struct {
	Model struct {
		Type         string
		Vocab        json.RawMessage // of WordPiece ids by tokens, of Unigram pieces with their scores
		Unknown      string          `json:"unk_token"`
		Continuing   string          `json:"continuing_subword_prefix"`
		WordRunes    int             `json:"max_input_chars_per_word"`
		UnknownID    *int            `json:"unk_id"`
		ByteFallback bool            `json:"byte_fallback"`
	}
	Normalizer    normalizerJSON
	PreTokenizer  preTokenizerJSON `json:"pre_tokenizer"`
	PostProcessor struct {
		Type     string
		CLS, SEP [2]any // BertProcessing: a token and its id
		Single   []struct {
			SpecialToken *struct{ ID string }
			Sequence     *struct{ ID string }
		}
	} `json:"post_processor"`
	Added []addedJSON `json:"added_tokens"`
}

type addedJSON struct {
	ID                         int
	Content                    string
	SingleWord                 bool `json:"single_word"`
	Lstrip, Rstrip, Normalized bool
}

// normalizerJSON has the fields of all kinds that are read.
type normalizerJSON struct {
	Type string
	// of BertNormalizer
	Clean   bool  `json:"clean_text"`
	CJK     bool  `json:"handle_chinese_chars"`
	Accents *bool `json:"strip_accents"`
	Lower   bool  `json:"lowercase"`
	// of Precompiled
	Charsmap []byte `json:"precompiled_charsmap"`
	// of Strip
	Left  bool `json:"strip_left"`
	Right bool `json:"strip_right"`
	// of Replace
	Pattern struct{ Regex, String string }
	Content string
	// of Sequence
	Normalizers []normalizerJSON
}

// preTokenizerJSON is the same.
type preTokenizerJSON struct {
	Type string
	// of Metaspace
	Replacement    string
	PrependScheme  string `json:"prepend_scheme"`
	AddPrefixSpace *bool  `json:"add_prefix_space"`
	Split          *bool
	// of Sequence
	PreTokenizers []preTokenizerJSON `json:"pretokenizers"`
}

// config stores in c what t says, and what about it is not computed is an error.
func (t *tokenizerJSON) config(c *Checkpoint) error {
	switch t.Model.Type {
	case "WordPiece":
		return t.wordPiece(&c.Tokenizer)
	case "Unigram":
		c.Unigram = &unigram.Config{}
		return t.unigram(c.Unigram)
	}
	return fmt.Errorf("model.type is %q; \"WordPiece\" and \"Unigram\" are read", t.Model.Type)
}

func (t *tokenizerJSON) wordPiece(c *wordpiece.Config) error {
	switch {
	case t.Normalizer.Type != "BertNormalizer":
		return fmt.Errorf("normalizer.type is %q; only \"BertNormalizer\" is read", t.Normalizer.Type)
	case t.PreTokenizer.Type != "BertPreTokenizer":
		return fmt.Errorf("pre_tokenizer.type is %q; only \"BertPreTokenizer\" is read", t.PreTokenizer.Type)
	}
	c.Unknown, c.Continuing, c.MaxWordRunes = t.Model.Unknown, t.Model.Continuing, t.Model.WordRunes
	c.CleanText, c.SpaceCJK = t.Normalizer.Clean, t.Normalizer.CJK
	c.StripAccents = t.Normalizer.Lower
	if t.Normalizer.Accents != nil {
		c.StripAccents = *t.Normalizer.Accents
	}
	c.Lowercase = c.Lowercase || t.Normalizer.Lower
	var err error
	if c.First, c.Last, err = t.surroundings(); err != nil {
		return err
	}
	return t.tokens(c)
}

// surroundings are the tokens around a text.
func (t *tokenizerJSON) surroundings() (first, last string, err error) {
	p := &t.PostProcessor
	switch p.Type {
	case "BertProcessing", "RobertaProcessing":
		first, _ = p.CLS[0].(string)
		last, _ = p.SEP[0].(string)
		return first, last, nil
	case "TemplateProcessing":
		s := p.Single
		if len(s) == 3 && s[0].SpecialToken != nil && s[1].Sequence != nil && s[2].SpecialToken != nil {
			return s[0].SpecialToken.ID, s[2].SpecialToken.ID, nil
		}
		return "", "", fmt.Errorf("post_processor.single: one token before and one after the text is what is computed")
	}
	return "", "", fmt.Errorf("post_processor.type is %q; \"TemplateProcessing\", \"BertProcessing\" and \"RobertaProcessing\" are read", p.Type)
}

// tokens puts every token in the place of its id.
func (t *tokenizerJSON) tokens(c *wordpiece.Config) error {
	ids := map[string]int{}
	if err := json.Unmarshal(t.Model.Vocab, &ids); err != nil {
		return fmt.Errorf("model.vocab: %w", err)
	}
	for _, a := range t.Added {
		if a.SingleWord || a.Lstrip || a.Rstrip || a.Normalized {
			return fmt.Errorf("added_tokens: %q: single_word, lstrip, rstrip and normalized are not computed", a.Content)
		}
		if id, known := ids[a.Content]; known && id != a.ID {
			return fmt.Errorf("added_tokens: %q has id %d, in model.vocab %d", a.Content, a.ID, id)
		}
		ids[a.Content] = a.ID
		c.Added = append(c.Added, a.Content)
	}
	c.Tokens = make([]string, len(ids))
	taken := make([]bool, len(ids))
	for token, id := range ids {
		if id < 0 || id >= len(ids) || taken[id] {
			return fmt.Errorf("model.vocab: %q has id %d; %d tokens have the ids from 0 on, each its own", token, id, len(ids))
		}
		c.Tokens[id], taken[id] = token, true
	}
	return nil
}
