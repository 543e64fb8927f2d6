package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// mended is JSON out of what some servers write for it, and whether it is JSON
// now: NaN and infinite numbers become null, and control characters within texts
// are escaped.
func mended(data []byte) ([]byte, bool) {
	switch {
	case json.Valid(data):
		return data, true
	case len(data) == 0 || data[0] != '{' && data[0] != '[':
		return data, false
	}
	var out []byte
	quoted, escaped := false, false
	for i := 0; i < len(data); i++ {
		c := data[i]
		switch {
		case quoted:
			if c < ' ' {
				out = fmt.Appendf(out, `\u%04x`, c)
				escaped = false
				continue
			}
			quoted = escaped || c != '"'
			escaped = c == '\\' && !escaped
		case c == '"':
			quoted = true
		default:
			if word := noNumber(data[i:]); word > 0 {
				out = append(out, "null"...)
				i += word - 1
				continue
			}
		}
		out = append(out, c)
	}
	return out, json.Valid(out)
}

// noNumber is the length of a word for a number that JSON does not have, 0 for
// none.
func noNumber(data []byte) int {
	for _, word := range []string{"NaN", "-NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(data, []byte(word)) {
			return len(word)
		}
	}
	return 0
}
