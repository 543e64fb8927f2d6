package wire

import "unicode/utf8"

// peek is the next byte that is no white space, 0 at the end or when the scan
// has ended.
func (s *Scan) peek() byte {
	for !s.bad && s.at < len(s.data) {
		switch c := s.data[s.at]; c {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take reads the byte, or ends the scan.
func (s *Scan) take(want byte) bool {
	if s.peek() != want {
		s.bad = true
		return false
	}
	s.at++
	return true
}

// empty reads the end of an object or list that has nothing in it.
func (s *Scan) empty(end byte) bool {
	if s.peek() != end {
		return false
	}
	s.at++
	return true
}

// last reads what follows a value: a comma, or the end.
func (s *Scan) last(end byte) bool {
	if s.peek() == ',' {
		s.at++
		return false
	}
	s.take(end)
	return true
}

func (s *Scan) literal(word string) {
	if rest := s.data[s.at:]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		s.bad = true
		return
	}
	s.at += len(word)
}

// key reads a key that encoding/json could not match in another case.
func (s *Scan) key() []byte {
	raw, plain := s.quoted()
	if !plain {
		s.bad = true
		return nil
	}
	for _, c := range raw {
		if 'A' <= c && c <= 'Z' {
			s.bad = true
		}
	}
	return raw[1 : len(raw)-1]
}

// quoted reads a string with its quotes; plain says that it is ASCII without
// escapes. Escapes are not checked.
func (s *Scan) quoted() (raw []byte, plain bool) {
	if s.peek() != '"' {
		s.bad = true
		return nil, false
	}
	plain = true
	for i := s.at + 1; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '"':
			raw = s.data[s.at : i+1]
			s.at = i + 1
			return raw, plain
		case c == '\\':
			i++
			plain = false
		case c < ' ':
			s.bad = true
			return nil, false
		case c >= utf8.RuneSelf:
			plain = false
		}
	}
	s.bad = true
	return nil, false
}

// number reads a number's bytes; what is none ends the scan.
func (s *Scan) number() []byte {
	s.peek()
	start := s.at
	if s.at < len(s.data) && s.data[s.at] == '-' {
		s.at++
	}
	whole := s.digits()
	leadingZero := whole > 1 && s.data[s.at-whole] == '0'
	s.bad = s.bad || whole == 0 || leadingZero
	if s.at < len(s.data) && s.data[s.at] == '.' {
		s.at++
		s.bad = s.bad || s.digits() == 0
	}
	if s.at < len(s.data) && (s.data[s.at] == 'e' || s.data[s.at] == 'E') {
		s.at++
		if s.at < len(s.data) && (s.data[s.at] == '+' || s.data[s.at] == '-') {
			s.at++
		}
		s.bad = s.bad || s.digits() == 0
	}
	return s.data[start:s.at]
}

// digits reads digits and says how many.
func (s *Scan) digits() int {
	start := s.at
	for s.at < len(s.data) && s.data[s.at] >= '0' && s.data[s.at] <= '9' {
		s.at++
	}
	return s.at - start
}
