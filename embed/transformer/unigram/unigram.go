// Package unigram turns text into the token ids of SentencePiece's unigram models,
// which XLM-RoBERTa and the multilingual models after it are trained on: the
// normaliser, the division at spaces, then the most likely pieces of each word
// (Kudo 2018, found by the algorithm of Viterbi).
//
// It promises the ids of Hugging Face's tokenizers for the same settings, as far as
// Unicode 15 knows the marks of a text; in time linear in the text, whatever the
// vocabulary; without allocations beyond the ids in steady state. Bytes that are
// no UTF-8 count as U+FFFD. A vocabulary is read where it lies and has to stay
// there. It leaves to its callers where the settings come from and how many
// tokens a model takes.
package unigram

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/semroute/semroute/embed/transformer/addedtoken"
)

// Tokenizer is immutable and safe for concurrent use.
type Tokenizer struct {
	settings     Settings
	vocabulary   *Vocabulary
	charsmap     *charsmap // nil for texts that stay as they are
	added        *addedtoken.Set
	unknownScore float64
	scratch      sync.Pool // of *scratch
}

// scratch is the memory of a text.
type scratch struct {
	valid, normal, spaced []byte
	lattice               []end
}

// keptBytes bounds the memory of a text that is kept for the next.
const keptBytes = 1 << 16

// New makes a tokenizer of a vocabulary, which it keeps, like the character map;
// both are checked, since they may come from a file. Every error is an
// ErrVocabulary.
func New(s Settings, v *Vocabulary, precompiled []byte) (*Tokenizer, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	if err := s.check(v.size()); err != nil {
		return nil, err
	}
	t := &Tokenizer{settings: s, vocabulary: v, scratch: sync.Pool{New: func() any { return &scratch{} }}}
	var err error
	if t.charsmap, err = newCharsmap(precompiled); err != nil {
		return nil, err
	}
	if t.added, err = addedtoken.New(s.Added); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrVocabulary, err)
	}
	least := v.score(0)
	for id := range v.size() {
		least = min(least, v.score(uint32(id)))
	}
	t.unknownScore = least - unknownPenalty
	return t, nil
}

// First and Last are the ids that a model wants before and after every text.
func (t *Tokenizer) First() uint32 { return t.settings.First }

// Last is described at First.
func (t *Tokenizer) Last() uint32 { return t.settings.Last }

// Append appends the ids of text to dst, without First and Last.
func (t *Tokenizer) Append(dst []uint32, text string) []uint32 {
	s, _ := t.scratch.Get().(*scratch)
	for at := 0; ; {
		start, end, id, ok := t.added.Next(text, at)
		if !ok {
			dst = t.appendPlain(dst, text[at:], s)
			break
		}
		dst = append(t.appendPlain(dst, text[at:start], s), id)
		at = end
	}
	if len(s.normal) <= keptBytes && len(s.valid) <= keptBytes {
		t.scratch.Put(s)
	}
	return dst
}

// appendPlain is Append for text without added tokens.
func (t *Tokenizer) appendPlain(dst []uint32, text string, s *scratch) []uint32 {
	s.valid = append(s.valid[:0], text...)
	if !utf8.ValidString(text) {
		s.valid = s.valid[:0]
		for _, r := range text { // a byte that is no UTF-8 comes as U+FFFD
			s.valid = utf8.AppendRune(s.valid, r)
		}
	}
	s.normal = t.normalize(s.normal[:0], s.valid)
	rest := t.strip(s.normal)
	if !t.settings.SplitSpaces {
		return t.appendSpaced(dst, rest, s)
	}
	for {
		rest = bytes.TrimLeftFunc(rest, unicode.IsSpace)
		if len(rest) == 0 {
			return dst
		}
		word := rest
		if end := bytes.IndexFunc(rest, unicode.IsSpace); end >= 0 {
			word = rest[:end]
		}
		dst, rest = t.appendSpaced(dst, word, s), rest[len(word):]
	}
}

// space is what stands for a space in pieces.
const space = "\u2581"

// appendSpaced divides text before each space.
func (t *Tokenizer) appendSpaced(dst []uint32, text []byte, s *scratch) []uint32 {
	if len(text) == 0 {
		return dst
	}
	s.spaced = s.spaced[:0]
	if t.settings.Prepend && text[0] != ' ' && !bytes.HasPrefix(text, []byte(space)) {
		s.spaced = append(s.spaced, space...)
	}
	for _, b := range text {
		if b == ' ' {
			s.spaced = append(s.spaced, space...)
		} else {
			s.spaced = append(s.spaced, b)
		}
	}
	for rest := s.spaced; len(rest) > 0; {
		end := len(rest)
		if next := bytes.Index(rest[1:], []byte(space)); next >= 0 {
			end = 1 + next
		}
		dst, rest = t.appendWord(dst, rest[:end], s), rest[end:]
	}
	return dst
}

// end is a place in a word and the best way to it.
type end struct {
	score float64
	from  int32 // where its last piece begins; negative where no way leads
	id    uint32
}

// appendWord appends the most likely pieces of a word. Characters without a piece
// are Unknown, and several of them side by side are one.
func (t *Tokenizer) appendWord(dst []uint32, word []byte, s *scratch) []uint32 {
	s.lattice = slices.Grow(s.lattice[:0], len(word)+1)[:len(word)+1]
	ends := s.lattice
	for i := range ends {
		ends[i] = end{from: -1}
	}
	for at := 0; at < len(word); {
		_, size := utf8.DecodeRune(word[at:])
		if !t.extend(ends, word, at, size) {
			better(&ends[at+size], ends[at].score+t.unknownScore, at, t.settings.Unknown)
		}
		at += size
	}
	first := len(dst)
	for at := len(word); at > 0; at = int(ends[at].from) {
		id := ends[at].id
		if id != t.settings.Unknown || len(dst) == first || dst[len(dst)-1] != id {
			dst = append(dst, id)
		}
	}
	slices.Reverse(dst[first:])
	return dst
}

// extend takes the pieces that begin at a place, and says whether one of them is
// the character there alone.
func (t *Tokenizer) extend(ends []end, word []byte, at, size int) (single bool) {
	for node, to := 0, at; to < len(word); {
		if node = t.vocabulary.step(node, word[to]); node == 0 {
			break
		}
		to++
		if id := t.vocabulary.id(node); id != none {
			better(&ends[to], ends[at].score+t.vocabulary.score(id), at, id)
			single = single || to == at+size
		}
	}
	return single
}

// better takes another way to a place when it is the first or more likely.
func better(e *end, score float64, from int, id uint32) {
	if e.from < 0 || score > e.score {
		*e = end{score, int32(from), id}
	}
}
