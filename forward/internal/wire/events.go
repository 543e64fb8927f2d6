package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// message is one message of an answer. One without data only says that the
// server is alive.
type message struct {
	// event is the name of a server-sent event, "" for none.
	event string
	data  []byte
	// cut: the stream ended within the message, so that it may not be whole.
	cut bool
}

// events reads server-sent events by the rules of the HTML standard, but for
// what servers of models do besides: an event counts also when the stream ends
// without the blank line after it, and an object on a line of its own is one,
// because some write their errors so.
type events struct {
	lines lines
	data  []byte
	ended bool
	// strange is told of lines that are no field of an event.
	strange func(line []byte)
}

// next is the next event; io.EOF at the end. Comments, and events without data,
// are messages without data. The message is only valid until the next.
func (e *events) next() (message, error) {
	if e.ended {
		return message{}, io.EOF
	}
	var m message
	e.data = e.data[:0]
	some := false
	for {
		line, whole, err := e.lines.next()
		if errors.Is(err, io.EOF) && some {
			e.ended = true
			m.data, m.cut = bytes.TrimSuffix(e.data, []byte("\n")), true
			return m, nil
		}
		if err != nil {
			return message{}, err
		}
		if len(line) == 0 {
			if !some {
				return message{}, nil
			}
			m.data = bytes.TrimSuffix(e.data, []byte("\n"))
			return m, nil
		}
		if line[0] == '{' && !some && json.Valid(line) {
			return message{event: m.event, data: line, cut: !whole}, nil
		}
		field, value, colon := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(field) {
		case "data":
			some = true
			e.data = append(append(e.data, value...), '\n')
			if len(e.data) > maxMessage {
				return message{}, tooLarge()
			}
		case "event":
			m.event = string(value)
		case "":
			if !some && m.event == "" {
				return message{}, nil
			}
		case "id", "retry":
		default:
			if !colon {
				e.strange(line)
			}
		}
	}
}
