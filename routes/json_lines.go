package routes

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/semroute/semroute/internal/strictyaml"
)

// MaxLineBytes is the longest line of a file of JSON lines or plain text.
const MaxLineBytes = 4 << 20

// eachLine calls each for every line that is not blank, without its line end.
// A line that is too long or not UTF-8 is noted and passed over. The bytes are
// each's only until it returns.
func eachLine(r io.Reader, file string, found *collector, each func(at Position, line []byte)) error {
	reader := bufio.NewReaderSize(r, 64<<10)
	var buffer []byte
	for number := 1; ; number++ {
		line, tooLong, err := readLine(reader, &buffer)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading line %d: %w", number, err)
		}
		if number == 1 {
			line = bytes.TrimPrefix(line, strictyaml.ByteOrderMark)
		}
		at := Position{File: file, Line: number, Column: 1}
		switch {
		case tooLong:
			found.Add(at, "line is longer than %d MiB", MaxLineBytes>>20)
		case !utf8.Valid(line):
			at.Column = strictyaml.InvalidColumn(line)
			found.Add(at, "not UTF-8; save the file as UTF-8")
		case len(bytes.TrimSpace(line)) > 0:
			each(at, line)
		}
		if err != nil {
			return nil //nolint:nilerr // io.EOF: all was read
		}
	}
}

// readLine reads up to the next line feed, keeping at most MaxLineBytes.
func readLine(r *bufio.Reader, buffer *[]byte) (line []byte, tooLong bool, err error) {
	kept := (*buffer)[:0]
	for {
		part, err := r.ReadSlice('\n')
		if len(kept)+len(part) > MaxLineBytes+2 {
			tooLong = true
		} else {
			kept = append(kept, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		*buffer = kept
		kept = bytes.TrimSuffix(kept, []byte("\n"))
		return bytes.TrimSuffix(kept, []byte("\r")), tooLong, err
	}
}

// parseLine reads one JSON object into target and notes what is wrong with it.
func parseLine(at Position, line []byte, target any, found *collector) bool {
	err := json.Unmarshal(line, target)
	if err == nil {
		return true
	}
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at.Column = columnOf(line, syntax.Offset)
		found.Add(at, "JSON: %s", syntax.Error())
	case errors.As(err, &mismatch) && mismatch.Field == "":
		found.Add(at, "a line must be a JSON object, not %s", mismatch.Value)
	case errors.As(err, &mismatch):
		at.Column = columnOf(line, mismatch.Offset)
		found.Add(at, "%s must be %s, not %s", mismatch.Field, jsonKind(mismatch), mismatch.Value)
	default:
		found.Add(at, "JSON: %s", err.Error())
	}
	return false
}

func jsonKind(e *json.UnmarshalTypeError) string {
	switch e.Type.Kind().String() {
	case "string":
		return "text"
	case "float64":
		return "a number"
	}
	return "an object"
}

// columnOf is the character column, from 1, of the byte that offset bytes end at.
func columnOf(line []byte, offset int64) int {
	end := min(max(offset-1, 0), int64(len(line)))
	return 1 + utf8.RuneCount(line[:end])
}
