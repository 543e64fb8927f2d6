package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/semroute/semroute/forward"
)

const (
	// readBuffer is what a stream keeps in memory while its lines are short, as
	// those of a piece are: a few hundred bytes.
	readBuffer = 1 << 10
	// maxLine bounds one line; a provider may send a whole answer in one.
	maxLine = 64 << 20
)

// Lines reads a stream line by line. A line is only valid until the next.
type Lines struct {
	reader *bufio.Reader
	long   []byte
}

// NewLines reads lines from r.
func NewLines(r io.Reader) *Lines { return &Lines{reader: bufio.NewReaderSize(r, readBuffer)} }

// Next is the next line without its end; io.EOF after the last.
func (l *Lines) Next() ([]byte, error) {
	l.long = l.long[:0]
	for {
		part, err := l.reader.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			l.long = append(l.long, part...)
			if len(l.long) > maxLine {
				return nil, &forward.UpstreamError{Class: forward.TooLarge, Message: "a line of the answer is longer than is read"}
			}
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(part)+len(l.long) == 0):
			return nil, err
		}
		if len(l.long) > 0 {
			part = append(l.long, part...)
			l.long = part
		}
		return bytes.TrimRight(part, "\r\n"), nil
	}
}

// Event is one server-sent event.
type Event struct {
	Name string
	Data []byte
}

// Events reads server-sent events. An event is only valid until the next.
type Events struct {
	lines *Lines
	data  []byte
}

// NewEvents reads events from r.
func NewEvents(r io.Reader) *Events { return &Events{lines: NewLines(r)} }

// Next is the next event that has data; io.EOF at the end. An event with
// neither name nor data stands for a comment, which servers send to say that
// they are alive. What the stream ends within is dropped, as the standard
// wants it. A line that is no field of an event at all is Garbage.
func (e *Events) Next() (Event, error) {
	var event Event
	e.data = e.data[:0]
	some := false
	for {
		line, err := e.lines.Next()
		if err != nil {
			return Event{}, err
		}
		if len(line) == 0 {
			if !some {
				event.Name = ""
				continue
			}
			event.Data = bytes.TrimSuffix(e.data, []byte("\n"))
			return event, nil
		}
		field, value, colon := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "data":
			some = true
			e.data = append(append(e.data, value...), '\n')
			if len(e.data) > maxLine {
				return Event{}, &forward.UpstreamError{Class: forward.TooLarge, Message: "an event is larger than is read"}
			}
		case "event":
			event.Name = string(value)
		case "":
			if !some && event.Name == "" {
				return Event{}, nil
			}
		case "id", "retry":
		default:
			if !colon {
				return Event{}, Garbled("a line is no server-sent event", line)
			}
		}
	}
}

// maxSample bounds what is shown of garbage.
const maxSample = 60

// Garbled is an answer that is not of the protocol, with a sample of it.
func Garbled(what string, sample []byte) error {
	if len(sample) > maxSample {
		sample = sample[:maxSample]
	}
	return &forward.UpstreamError{Class: forward.Garbage, Message: Clean(fmt.Sprintf("%s: %q", what, sample), "")}
}

// Broken is an answer that ended before it was complete.
func Broken() error {
	return &forward.UpstreamError{Class: forward.Reset, Message: "the answer ended before it was complete"}
}
