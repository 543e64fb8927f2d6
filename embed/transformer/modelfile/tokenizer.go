package modelfile

import (
	"encoding/binary"
	"fmt"

	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/unigram"
	"github.com/semroute/semroute/embed/transformer/wordpiece"
)

// Tokenizer turns a text into the ids of its tokens. It is safe for concurrent
// use.
type Tokenizer interface {
	// Append appends the ids of text to dst, without First and Last.
	Append(dst []uint32, text string) []uint32
	// First and Last are the ids that the model wants before and after every text.
	First() uint32
	Last() uint32
}

// tokenizers are the settings of the one that a model has, without what stands in
// sections.
type tokenizers struct {
	Tokenizer wordPiece      // empty where Unigram is there
	Unigram   *sentencePiece `json:",omitempty"`
}

// wordPiece is a wordpiece.Config without its tokens, which are a section: each
// its length in 4 bytes and its bytes.
type wordPiece struct {
	Count, Bytes                                 int // of the tokens; of the section
	Continuing, Unknown, First, Last             string
	Added                                        []string
	MaxWordRunes                                 int
	CleanText, SpaceCJK, StripAccents, Lowercase bool
}

// sentencePiece is a unigram.Config without the trie of its pieces and the map of
// characters, which are five sections.
type sentencePiece struct {
	Settings                unigram.Settings
	Nodes, Pieces, Charsmap int // how many; the bytes of the last
}

// Bytes of the numbers of a unigram.Vocabulary.
const idBytes, scoreBytes = 4, 8

// tokenizerOf gives the settings of a checkpoint's tokenizer and its sections.
func tokenizerOf(c *checkpoint.Checkpoint) (tokenizers, [][]byte, error) {
	if u := c.Unigram; u != nil {
		v, err := unigram.NewVocabulary(u.Pieces)
		if err != nil {
			return tokenizers{}, nil, err
		}
		if _, err := unigram.New(u.Settings, v, u.Charsmap); err != nil {
			return tokenizers{}, nil, err
		}
		settings := sentencePiece{Settings: u.Settings, Nodes: len(v.Labels), Pieces: len(u.Pieces), Charsmap: len(u.Charsmap)}
		return tokenizers{Unigram: &settings}, [][]byte{v.Labels, v.Children, v.IDs, v.Scores, u.Charsmap}, nil
	}
	t := &c.Tokenizer
	var tokens []byte
	for _, token := range t.Tokens {
		tokens = binary.LittleEndian.AppendUint32(tokens, uint32(len(token)))
		tokens = append(tokens, token...)
	}
	return tokenizers{Tokenizer: wordPiece{
		Count: len(t.Tokens), Bytes: len(tokens), Continuing: t.Continuing,
		Unknown: t.Unknown, First: t.First, Last: t.Last, Added: t.Added, MaxWordRunes: t.MaxWordRunes,
		CleanText: t.CleanText, SpaceCJK: t.SpaceCJK, StripAccents: t.StripAccents, Lowercase: t.Lowercase,
	}}, [][]byte{tokens}, nil
}

func (r *reader) tokenizer(h *head) (Tokenizer, error) {
	if h.Unigram != nil {
		return r.sentencePiece(h.Unigram, h.Shape.Vocabulary)
	}
	return r.wordPiece(&h.Tokenizer, h.Shape.Vocabulary)
}

// sentencePiece reads the five sections, which stay where they are.
func (r *reader) sentencePiece(s *sentencePiece, most int) (*unigram.Tokenizer, error) {
	if s.Nodes < 0 || s.Nodes > len(r.data) || s.Pieces < 0 || s.Pieces > most {
		return nil, fmt.Errorf("%d pieces in a trie of %d nodes, vectors for %d", s.Pieces, s.Nodes, most)
	}
	v, charsmap := &unigram.Vocabulary{}, []byte(nil)
	for _, part := range []struct {
		to   *[]byte
		size int
	}{
		{&v.Labels, s.Nodes}, {&v.Children, idBytes * (s.Nodes + 1)}, {&v.IDs, idBytes * s.Nodes}, {&v.Scores, scoreBytes * s.Pieces}, {&charsmap, s.Charsmap},
	} {
		var err error
		if *part.to, err = r.section(part.size); err != nil {
			return nil, err
		}
	}
	return unigram.New(s.Settings, v, charsmap)
}

// wordPiece reads the section of the tokens. They are copied, all at once, so
// that they outlive the data.
func (r *reader) wordPiece(t *wordPiece, most int) (*wordpiece.Tokenizer, error) {
	section, err := r.section(t.Bytes)
	if err != nil {
		return nil, err
	}
	const length = 4
	all := string(section)
	if t.Count < 0 || t.Count > len(all)/length || t.Count > most {
		return nil, fmt.Errorf("%d tokens in %d bytes, vectors for %d", t.Count, len(all), most)
	}
	tokens := make([]string, t.Count)
	for i := range tokens {
		if len(section) < length {
			return nil, errShort
		}
		size := binary.LittleEndian.Uint32(section)
		if uint64(size) > uint64(len(section)-length) {
			return nil, errShort
		}
		start := len(all) - len(section) + length
		tokens[i] = all[start : start+int(size)]
		section = section[length+int(size):]
	}
	return wordpiece.New(wordpiece.Config{
		Tokens: tokens, Continuing: t.Continuing, Unknown: t.Unknown, First: t.First, Last: t.Last, Added: t.Added,
		MaxWordRunes: t.MaxWordRunes, CleanText: t.CleanText, SpaceCJK: t.SpaceCJK, StripAccents: t.StripAccents, Lowercase: t.Lowercase,
	})
}
