package checkpoint

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/semroute/semroute/internal/plainfile"
)

// Names and settings of BERT's tokenizer where the files do not say otherwise.
const (
	defaultContinuing = "##"
	defaultWordRunes  = 100
	unknownToken      = "[UNK]"
	firstToken        = "[CLS]"
	lastToken         = "[SEP]"
)

// specials are the tokens that are found in a text as they are.
var specials = []string{"[PAD]", unknownToken, firstToken, lastToken, "[MASK]"}

// tokenizer reads tokenizer.json or, where there is none, vocab.txt.
func (f folder) tokenizer(c *Checkpoint) error {
	const list, whole = "vocab.txt", "tokenizer.json"
	tokens, err := f.vocabulary(list)
	if err != nil {
		return err
	}
	var t tokenizerJSON
	if err := f.read(whole, tokens != nil, &t); err != nil {
		return err
	}
	if t.Model.Vocab == nil && tokens != nil {
		return f.plainTokenizer(c, tokens)
	}
	if err := t.config(c); err != nil {
		return f.bad(whole, "%w", err)
	}
	if tokens != nil && c.Unigram == nil && !slices.Equal(tokens, c.Tokenizer.Tokens[:min(len(tokens), len(c.Tokenizer.Tokens))]) {
		return f.bad(list, "its tokens are not those of %s", whole)
	}
	return nil
}

// vocabulary reads a token a line; nil when there is no such file.
func (f folder) vocabulary(name string) ([]string, error) {
	data, err := plainfile.Read(filepath.Join(string(f), name), mostSettings)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	tokens := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i := range tokens {
		tokens[i] = strings.TrimSuffix(tokens[i], "\r")
	}
	return tokens, nil
}

// plainTokenizer is the tokenizer of a bare list of tokens: tokenizer_config.json
// has its settings.
func (f folder) plainTokenizer(c *Checkpoint, tokens []string) error {
	settings := struct {
		Lower   bool  `json:"do_lower_case"`
		CJK     bool  `json:"tokenize_chinese_chars"`
		Accents *bool `json:"strip_accents"`
	}{Lower: true, CJK: true}
	if err := f.read("tokenizer_config.json", true, &settings); err != nil {
		return err
	}
	t := &c.Tokenizer
	t.Lowercase = t.Lowercase || settings.Lower
	t.Tokens, t.Continuing, t.MaxWordRunes = tokens, defaultContinuing, defaultWordRunes
	t.Unknown, t.First, t.Last = unknownToken, firstToken, lastToken
	t.CleanText, t.SpaceCJK, t.StripAccents = true, settings.CJK, t.Lowercase
	if settings.Accents != nil {
		t.StripAccents = *settings.Accents
	}
	t.Added = presentOf(tokens)
	return nil
}

// presentOf are those of the special tokens that a vocabulary has.
func presentOf(tokens []string) (present []string) {
	for _, s := range specials {
		if slices.Contains(tokens, s) {
			present = append(present, s)
		}
	}
	return present
}
