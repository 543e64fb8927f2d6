package wire

import (
	"bufio"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/forward"
)

func readEvents(r io.Reader, buffer int) (names, data, strange []string, err error) {
	e := &events{lines: lines{from: bufio.NewReaderSize(r, buffer)}, strange: func(line []byte) { strange = append(strange, string(line)) }}
	for {
		m, err := e.next()
		if errors.Is(err, io.EOF) {
			return names, data, strange, nil
		}
		if err != nil {
			return names, data, strange, err
		}
		names, data = append(names, m.event), append(data, string(m.data))
	}
}

func TestEvents(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	cases := []struct {
		name, stream string
		names, data  []string
	}{
		{"plain", "event: a\ndata: 1\n\ndata: 2\n\n", []string{"a", ""}, []string{"1", "2"}},
		{"several lines", "data: 1\ndata:2\ndata\n\n", []string{""}, []string{"1\n2\n"}},
		{"CRLF, ids and retries", "id: 7\r\nretry: 5\r\ndata: 1\r\n\r\n", []string{""}, []string{"1"}},
		{"CR", "data: 1\r\rdata: 2\r\r", []string{"", ""}, []string{"1", "2"}},
		{"mixed ends", "data: 1\r\n\ndata: 2\n\r\n", []string{"", ""}, []string{"1", "2"}},
		{"comments show that the server lives", ": hello\n\ndata: 1\n\n", []string{"", "", ""}, []string{"", "", "1"}},
		{"a comment inside an event", "event: a\n: hello\ndata: 1\n\n", []string{"a"}, []string{"1"}},
		{"an event without data", "event: a\n\ndata: 1\n\n", []string{"", ""}, []string{"", "1"}},
		{"what is not ended counts", "data: 1\n\ndata: 2", []string{"", ""}, []string{"1", "2"}},
		{"a line of JSON", "data: 1\n\n{\"a\":1}\n", []string{"", ""}, []string{"1", `{"a":1}`}},
		{"objects without blank lines", "event: a\ndata: {\"b\":1}\ndata: {}\ndata: [DONE]\n", []string{"a", "a", "a"}, []string{`{"b":1}`, "{}", "[DONE]"}},
		{"a name only for its event", "event: a\ndata: {}\n\ndata: {}\n\n", []string{"a", ""}, []string{"{}", "{}"}},
		{"an object on several lines", "data: {\ndata: }\n\n{\n\"a\":{\n}\n}\n\n", []string{"", ""}, []string{"{\n}", "{\n\"a\":{\n}\n}"}},
		{"data behind an empty line of it", "data:\n {}\n\n", []string{""}, []string{" {}"}},
		{"long lines", "data: " + long + "\n\n", []string{""}, []string{long}},
		{"a space only once", "data:  1 \n\n", []string{""}, []string{" 1 "}},
	}
	for _, c := range cases {
		for way, r := range map[string]io.Reader{"whole": strings.NewReader(c.stream), "byte for byte": iotest.OneByteReader(strings.NewReader(c.stream))} {
			names, data, _, err := readEvents(r, 16)
			if diff := cmp.Diff([][]string{c.names, c.data}, [][]string{names, data}); err != nil || diff != "" {
				t.Errorf("%s, %s: %v (-want +got):\n%s", c.name, way, err, diff)
			}
		}
	}
	if _, _, strange, _ := readEvents(strings.NewReader("hello\n\n"), 16); len(strange) != 1 {
		t.Errorf("what is no field: %q", strange)
	}
}

// TestMessagesAreBounded: a line or an event that never ends is an error before
// memory does.
func TestMessagesAreBounded(t *testing.T) {
	for name, stream := range map[string]io.Reader{
		"line":  endless("x"),
		"event": endless("data: " + strings.Repeat("x", 1<<20) + "\n"),
	} {
		var upstream *forward.UpstreamError
		if _, _, _, err := readEvents(io.LimitReader(stream, maxMessage+4<<20), 1<<20); !errors.As(err, &upstream) || upstream.Class != forward.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	v := newValues(io.MultiReader(strings.NewReader(`{"a":"`), io.LimitReader(endless("x"), maxMessage+4<<20)))
	var upstream *forward.UpstreamError
	if _, err := v.next(); !errors.As(err, &upstream) || upstream.Class != forward.TooLarge {
		t.Errorf("value: %v", err)
	}
}

// endless repeats a text for ever.
type endless string

// Read implements io.Reader.
func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}

func FuzzEvents(f *testing.F) {
	f.Add("event: a\ndata: 1\n\n: c\r\rdata")
	f.Fuzz(func(t *testing.T, stream string) {
		names, data, _, err := readEvents(strings.NewReader(stream), 16)
		var upstream *forward.UpstreamError
		if err != nil && !errors.As(err, &upstream) {
			t.Errorf("error is %v", err)
		}
		if total := len(strings.Join(data, "")); total > len(stream) {
			t.Errorf("%d bytes came out of %d", total, len(stream))
		}
		cutNames, cutData, _, _ := readEvents(iotest.OneByteReader(strings.NewReader(stream)), 16)
		if diff := cmp.Diff([][]string{names, data}, [][]string{cutNames, cutData}); diff != "" {
			t.Errorf("cut at every byte (-whole +cut):\n%s", diff)
		}
	})
}
