package ollama

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// bytesPerNumber is about what a number of a vector takes in an answer.
const bytesPerNumber = 14

// vectorReader is the transport of one embedding request. It reads the vectors
// off the answer and leaves the client, whose decoder needs several times as
// long for the same numbers, an empty object. An answer that it does not know
// reaches the client whole.
type vectorReader struct {
	next             http.RoundTripper
	count, dimension int // what is expected; no more than a guess of sizes
	vectors          [][]float32
}

// RoundTrip implements http.RoundTripper.
func (t *vectorReader) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(request)
	if err != nil || answer.StatusCode != http.StatusOK {
		return answer, err
	}
	raw := bytes.NewBuffer(make([]byte, 0, 512+t.count*t.dimension*bytesPerNumber))
	left := io.Reader(raw)
	if _, broken := raw.ReadFrom(answer.Body); broken != nil {
		left = io.MultiReader(raw, failing{broken}) // the client is to meet it where it would have
	} else if vectors, ok := readVectors(raw.Bytes(), t.dimension); ok {
		t.vectors, left = vectors, strings.NewReader("{}")
	}
	answer.Body = body{left, answer.Body}
	return answer, nil
}

// body is what is left to read of an answer, and how to close it.
type body struct {
	io.Reader
	io.Closer
}

// failing is the end of what could not be read.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// readVectors reads the list "embeddings" of an answer. It knows one object of
// plain strings, numbers and that list, which is what servers send; anything
// else, and what is not JSON, is not ok. What it reads is what encoding/json
// reads.
func readVectors(raw []byte, dimension int) (vectors [][]float32, ok bool) {
	s := scanner{raw: raw}
	s.list('{', '}', func() {
		key := s.text()
		s.expect(':')
		switch {
		case key == "embeddings" && vectors == nil:
			vectors = [][]float32{}
			s.list('[', ']', func() { vectors = append(vectors, s.vector(dimension)) })
		case strings.EqualFold(key, "embeddings"):
			s.failed = true // twice, or spelt as only the decoder understands
		case s.next() == '"':
			s.text()
		default:
			s.number()
		}
	})
	s.next()
	return vectors, !s.failed && s.at == len(raw) && vectors != nil
}

// scanner goes through JSON once. After a failure it stays where it is.
type scanner struct {
	raw    []byte
	at     int
	failed bool
}

// next skips blanks and returns the byte that follows; 0 at the end.
func (s *scanner) next() byte {
	for ; s.at < len(s.raw); s.at++ {
		switch b := s.raw[s.at]; b {
		case ' ', '\t', '\r', '\n':
		default:
			return b
		}
	}
	return 0
}

func (s *scanner) expect(b byte) {
	if s.failed || s.next() != b {
		s.failed = true
		return
	}
	s.at++
}

// list calls element at the beginning of every element between the brackets.
func (s *scanner) list(opening, closing byte, element func()) {
	s.expect(opening)
	if !s.failed && s.next() == closing {
		s.at++
		return
	}
	for !s.failed {
		element()
		if s.failed || s.next() == closing {
			break
		}
		s.expect(',')
	}
	s.expect(closing)
}

// text reads a string without escapes.
func (s *scanner) text() string {
	s.expect('"')
	for end := s.at; !s.failed && end < len(s.raw); end++ {
		switch b := s.raw[end]; {
		case b == '"':
			text := string(s.raw[s.at:end])
			s.at = end + 1
			return text
		case b == '\\' || b < ' ':
			s.failed = true
		}
	}
	s.failed = true
	return ""
}

func (s *scanner) vector(dimension int) []float32 {
	vector := make([]float32, 0, dimension)
	s.list('[', ']', func() { vector = append(vector, s.number()) })
	return vector
}

// number reads a number as a float32. One that is too large fails.
func (s *scanner) number() float32 {
	s.next()
	start := s.at
	s.skip("-")
	if !s.skip("0") {
		s.digits()
	}
	if s.skip(".") {
		s.digits()
	}
	if s.skip("eE") {
		s.skip("+-")
		s.digits()
	}
	if s.failed {
		return 0
	}
	v, err := strconv.ParseFloat(string(s.raw[start:s.at]), 32)
	s.failed = err != nil
	return float32(v)
}

// skip steps over one of the bytes, if one is there.
func (s *scanner) skip(those string) bool {
	if s.at < len(s.raw) && strings.IndexByte(those, s.raw[s.at]) >= 0 {
		s.at++
		return true
	}
	return false
}

// digits reads one or more.
func (s *scanner) digits() {
	start := s.at
	for s.at < len(s.raw) && '0' <= s.raw[s.at] && s.raw[s.at] <= '9' {
		s.at++
	}
	s.failed = s.failed || s.at == start
}
