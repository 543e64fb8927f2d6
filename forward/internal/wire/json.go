package wire

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// usualRequest holds a short prompt's request.
const usualRequest = 512

// JSON writes one JSON value from left to right; it puts the commas. It is for
// requests: the client libraries' reflection costs more than a whole call to a
// model nearby, and stacks of that depth stay with the stream. The zero value
// is ready. That every Object and List is closed is the caller's part.
type JSON struct {
	buf []byte
	err error
}

// Bytes are what was written, or the first failure.
func (j *JSON) Bytes() ([]byte, error) { return j.buf, j.err }

// comma separates what comes next from what stands before it.
func (j *JSON) comma() {
	if len(j.buf) == 0 {
		return
	}
	switch j.buf[len(j.buf)-1] {
	case '{', '[', ':':
	default:
		j.buf = append(j.buf, ',')
	}
}

// Object begins an object, EndObject ends it.
func (j *JSON) Object() { j.open('{') }

// EndObject ends an object.
func (j *JSON) EndObject() { j.buf = append(j.buf, '}') }

// List begins a list, EndList ends it.
func (j *JSON) List() { j.open('[') }

// EndList ends a list.
func (j *JSON) EndList() { j.buf = append(j.buf, ']') }

func (j *JSON) open(with byte) {
	if j.buf == nil {
		j.buf = make([]byte, 0, usualRequest)
	}
	j.comma()
	j.buf = append(j.buf, with)
}

// Key names the value that comes next.
func (j *JSON) Key(name string) *JSON {
	j.Text(name)
	j.buf = append(j.buf, ':')
	return j
}

// Field is a key with a text.
func (j *JSON) Field(name, text string) { j.Key(name).Text(text) }

// Int writes a whole number.
func (j *JSON) Int(n int64) {
	j.comma()
	j.buf = strconv.AppendInt(j.buf, n, 10)
}

// Float writes a finite number.
func (j *JSON) Float(f float64) {
	j.comma()
	j.buf = strconv.AppendFloat(j.buf, f, 'g', -1, 64)
}

// Bool writes true or false.
func (j *JSON) Bool(b bool) {
	j.comma()
	j.buf = strconv.AppendBool(j.buf, b)
}

// Raw writes what is JSON already; it fails on what is not.
func (j *JSON) Raw(value []byte) {
	if !json.Valid(value) && j.err == nil {
		j.err = fmt.Errorf("a part of the request is not JSON: %w", json.Unmarshal(value, new(any)))
	}
	j.comma()
	j.buf = append(j.buf, value...)
}

// Text writes a string. Bytes that are no UTF-8 become U+FFFD, as encoding/json
// writes them.
func (j *JSON) Text(s string) {
	j.comma()
	j.buf = append(j.buf, '"')
	done := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				j.buf = append(append(j.buf, s[done:i]...), "\ufffd"...)
				done = i + size
			}
			i += size
			continue
		}
		if c < ' ' || c == '"' || c == '\\' {
			j.buf = appendEscaped(append(j.buf, s[done:i]...), c)
			done = i + 1
		}
		i++
	}
	j.buf = append(append(j.buf, s[done:]...), '"')
}

func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	const hex = "0123456789abcdef"
	return append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
}
