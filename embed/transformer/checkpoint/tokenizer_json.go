package checkpoint

import (
	"fmt"

	"github.com/semroute/semroute/embed/transformer/wordpiece"
)

// tokenizerJSON is what is read of a tokenizer.json.
type tokenizerJSON struct {
	Model struct {
		Type       string
		Vocab      map[string]int
		Unknown    string `json:"unk_token"`
		Continuing string `json:"continuing_subword_prefix"`
		WordRunes  int    `json:"max_input_chars_per_word"`
	}
	Normalizer struct {
		Type    string
		Clean   bool  `json:"clean_text"`
		CJK     bool  `json:"handle_chinese_chars"`
		Accents *bool `json:"strip_accents"`
		Lower   bool  `json:"lowercase"`
	}
	PreTokenizer  struct{ Type string } `json:"pre_tokenizer"`
	PostProcessor struct {
		Type     string
		CLS, SEP [2]any // BertProcessing: a token and its id
		Single   []struct {
			SpecialToken *struct{ ID string }
			Sequence     *struct{ ID string }
		}
	} `json:"post_processor"`
	Added []struct {
		ID                         int
		Content                    string
		SingleWord                 bool `json:"single_word"`
		Lstrip, Rstrip, Normalized bool
	} `json:"added_tokens"`
}

// config stores in c what t says, and what about it is not computed is an error.
func (t *tokenizerJSON) config(c *wordpiece.Config) error {
	switch {
	case t.Model.Type != "WordPiece":
		return fmt.Errorf("model.type is %q; only \"WordPiece\" is read", t.Model.Type)
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
	if err := t.surroundings(c); err != nil {
		return err
	}
	return t.tokens(c)
}

// surroundings are the tokens around a text.
func (t *tokenizerJSON) surroundings(c *wordpiece.Config) error {
	p := &t.PostProcessor
	switch p.Type {
	case "BertProcessing":
		c.First, _ = p.CLS[0].(string)
		c.Last, _ = p.SEP[0].(string)
		return nil
	case "TemplateProcessing":
		s := p.Single
		if len(s) == 3 && s[0].SpecialToken != nil && s[1].Sequence != nil && s[2].SpecialToken != nil {
			c.First, c.Last = s[0].SpecialToken.ID, s[2].SpecialToken.ID
			return nil
		}
		return fmt.Errorf("post_processor.single: one token before and one after the text is what is computed")
	}
	return fmt.Errorf("post_processor.type is %q; \"TemplateProcessing\" and \"BertProcessing\" are read", p.Type)
}

// tokens puts every token in the place of its id.
func (t *tokenizerJSON) tokens(c *wordpiece.Config) error {
	ids := make(map[string]int, len(t.Model.Vocab)+len(t.Added))
	for token, id := range t.Model.Vocab {
		ids[token] = id
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
