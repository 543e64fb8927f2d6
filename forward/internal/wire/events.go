package wire

import (
	"bytes"
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
// without the blank line after it; a whole JSON object is an event of its own,
// because some leave out the blank lines between events; and so is an object on
// a line without a field, because some write their errors so.
type events struct {
	lines lines
	name  string // of the event that is read
	data  []byte
	some  bool // the event has data that is not handed out
	given bool // data of the event was handed out
	bare  bool // the data are lines without a field
	open  int  // braces that they have opened
	ended bool
	// strange is told of lines that are no field of an event.
	strange func(line []byte)
}

// next is the next event; io.EOF at the end. Comments, and events without data,
// are messages without data. The message is only valid until the next.
func (e *events) next() (message, error) {
	for !e.ended {
		line, whole, err := e.lines.next()
		if errors.Is(err, io.EOF) && e.some {
			e.ended = true
			return e.give(true), nil
		}
		if err != nil {
			return message{}, err
		}
		m, ready, err := e.take(line, whole)
		if ready || err != nil {
			return m, err
		}
	}
	return message{}, io.EOF
}

// take reads a line; ready says that there is a message now.
func (e *events) take(line []byte, whole bool) (m message, ready bool, err error) {
	field, value, colon := bytes.Cut(bytes.TrimLeft(line, " \t"), []byte(":"))
	value = bytes.TrimPrefix(value, []byte(" "))
	switch {
	case len(line) == 0:
		if ready = e.some || !e.given; e.some {
			m = e.give(false)
		}
		e.name, e.given = "", false
		return m, ready, nil
	case e.bare:
		return e.addBare(line, whole)
	case len(bytes.TrimSpace(e.data)) == 0 && bare(line): // nothing but an empty field went before
		e.data, e.bare, e.open = e.data[:0], true, 0
		return e.addBare(line, whole)
	case string(field) == "data":
		first := len(bytes.TrimSpace(e.data)) == 0
		return e.add(value, whole, func() bool { return first && (string(value) == done || object(e.data)) })
	case string(field) == "event":
		e.name = string(value)
	case len(field) == 0 && colon:
		return message{}, !e.some && e.name == "", nil
	case string(field) == "id", string(field) == "retry":
	case !colon:
		e.strange(line)
	}
	return message{}, false, nil
}

// addBare takes a line of a value without a field. One whose braces are closed
// is ready, whether it is JSON or not.
func (e *events) addBare(line []byte, whole bool) (m message, ready bool, err error) {
	e.open += bytes.Count(line, []byte("{")) - bytes.Count(line, []byte("}"))
	return e.add(line, whole, func() bool { return e.open <= 0 })
}

// add takes a line of data, and hands the data out when it is complete.
func (e *events) add(value []byte, whole bool, complete func() bool) (m message, ready bool, err error) {
	e.some = true
	e.data = append(append(e.data, value...), '\n')
	if len(e.data) > maxMessage {
		return message{}, false, tooLarge()
	}
	if complete() {
		return e.give(!whole), true, nil
	}
	return message{}, false, nil
}

// give hands out the data that was read. The message is only valid until more
// is read.
func (e *events) give(cut bool) message {
	m := message{event: e.name, data: bytes.TrimSuffix(e.data, []byte("\n")), cut: cut}
	e.data, e.some, e.given = e.data[:0], false, true
	e.bare = false
	return m
}

// bare says whether a line without a field begins a message.
func bare(line []byte) bool {
	line = bytes.TrimSpace(line)
	return string(line) == done || len(line) > 0 && line[0] == '{'
}

// object says whether the data is a JSON object, or can be read as one.
func object(data []byte) bool {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || data[0] != '{' {
		return false
	}
	_, ok := mended(data)
	return ok
}
