package wire

import (
	"encoding/json"
	"errors"
	"io"
)

// values reads JSON values that follow one another: a whole answer, or one
// value a line.
type values struct {
	decoder *json.Decoder
	bounded *bounded
}

func newValues(from io.Reader) *values {
	b := &bounded{from: from, left: maxMessage}
	return &values{decoder: json.NewDecoder(b), bounded: b}
}

// errNoValue: what comes is no value of JSON.
var errNoValue = errors.New("no value of JSON")

// rest is what was not read as a value.
func (v *values) rest() io.Reader { return io.MultiReader(v.decoder.Buffered(), v.bounded.from) }

// next is the next value; io.EOF at the end, errNoValue where something else
// comes.
func (v *values) next() (message, error) {
	v.bounded.left = maxMessage
	var raw json.RawMessage
	err := v.decoder.Decode(&raw)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return message{data: raw}, nil
	case errors.Is(err, io.ErrUnexpectedEOF):
		return message{}, io.EOF
	case errors.As(err, &syntax):
		return message{}, errNoValue
	}
	return message{}, err
}

// bounded fails when more is read than one message may have.
type bounded struct {
	from io.Reader
	left int
}

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= n; b.left < 0 {
		return n, tooLarge()
	}
	return n, err
}
