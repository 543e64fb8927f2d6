package wire

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// Scan reads a JSON document from left to right, in place. It is for the few
// shapes that come thousands of times a second: encoding/json takes several
// times as long for a piece of an answer, and grows the stack that waits for
// the next. It knows less than encoding/json, and never reads anything
// differently: what it does not know (a key that could match in another case,
// a number that is no plain integer) ends the scan, OK is false, and the caller
// turns to encoding/json, which has the last word also on what is wrong.
type Scan struct {
	data  []byte
	at    int
	depth int
	bad   bool
}

// maxDepth bounds how deep a value may nest that is skipped.
const maxDepth = 32

// NewScan reads data, which must stay as it is meanwhile.
func NewScan(data []byte) Scan { return Scan{data: data} }

// OK says whether all of the document was read and understood.
func (s *Scan) OK() bool { return s.peek() == 0 && s.at == len(s.data) && !s.bad }

// Stop ends the scan: the document is more than the caller understands.
func (s *Scan) Stop() { s.bad = true }

// Fields ranges over an object's keys. The body must read the value.
func (s *Scan) Fields(yield func(key []byte) bool) {
	if !s.take('{') || s.empty('}') {
		return
	}
	for {
		key := s.key()
		if !s.take(':') || !yield(key) || s.last('}') {
			return
		}
	}
}

// values ranges over an object's values, whatever their keys.
func (s *Scan) values(yield func() bool) {
	if !s.take('{') || s.empty('}') {
		return
	}
	for {
		s.skipText()
		if !s.take(':') || !yield() || s.last('}') {
			return
		}
	}
}

// Items ranges over a list's values. The body must read each.
func (s *Scan) Items(yield func() bool) {
	if !s.take('[') || s.empty(']') {
		return
	}
	for yield() && !s.last(']') {
	}
}

// Null reads null if that comes next.
func (s *Scan) Null() bool {
	if s.peek() != 'n' {
		return false
	}
	s.literal("null")
	return true
}

// Text reads a string; null leaves what was there.
func (s *Scan) Text(to *string) {
	if s.Null() {
		return
	}
	raw, plain := s.quoted()
	switch {
	case s.bad:
	case plain || (bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw)):
		*to = string(raw[1 : len(raw)-1])
	default:
		if text, err := unescaped(raw); err == nil {
			*to = text
		} else {
			s.bad = true
		}
	}
}

func unescaped(raw []byte) (text string, err error) {
	err = json.Unmarshal(raw, &text)
	return text, err
}

// Int reads a plain integer; null leaves what was there.
func (s *Scan) Int(to *int) {
	if s.Null() {
		return
	}
	const maxDigits = 9
	digits := s.number()
	n := 0
	for _, c := range digits {
		n = n*10 + int(c-'0') // rubbish where it is no digit, not used then
		s.bad = s.bad || c < '0' || c > '9'
	}
	if s.bad = s.bad || len(digits) > maxDigits; !s.bad {
		*to = n
	}
}

// Skip reads any value.
func (s *Scan) Skip() {
	switch c := s.peek(); c {
	case '"':
		s.skipText()
	case '{', '[':
		s.nested(c)
	case 't':
		s.literal("true")
	case 'f':
		s.literal("false")
	case 'n':
		s.literal("null")
	default:
		s.number()
	}
}

func (s *Scan) nested(open byte) {
	if s.depth++; s.depth > maxDepth {
		s.bad = true
		return
	}
	if open == '[' {
		for range s.Items {
			s.Skip()
		}
	} else {
		for range s.values {
			s.Skip()
		}
	}
	s.depth--
}

func (s *Scan) skipText() {
	raw, plain := s.quoted()
	if !plain && bytes.IndexByte(raw, '\\') >= 0 {
		s.bad = s.bad || !json.Valid(raw)
	}
}
