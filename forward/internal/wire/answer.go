package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"mime"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
)

// readBuffer is what a stream keeps in memory while its messages are short, as
// those of a piece are: a few hundred bytes.
const readBuffer = 1 << 10

// answer reads the messages of an answer, which come as server-sent events, as
// JSON values, or as one of them, whatever the content type says.
type answer struct {
	body *body
	kind string
	emit Emit
	sent int // pieces that were emitted
	next func() (message, error)
	// strange is a sample of what was not understood.
	strange []byte
}

func newAnswer(b *body, contentType string, emit Emit) *answer {
	kind, _, _ := mime.ParseMediaType(contentType)
	a := &answer{body: b, kind: kind, emit: emit}
	a.next = a.first
	return a
}

// done is the word with which servers mark the end of a stream.
const done = "[DONE]"

// send emits a piece.
func (a *answer) send(p forward.Piece) error {
	a.sent++
	return a.emit(p)
}

func (a *answer) close() { a.body.close() }

// first looks at the first bytes and chooses how to read on.
func (a *answer) first() (message, error) {
	from := bufio.NewReaderSize(a.body, readBuffer)
	if err := skipMark(from); err != nil {
		return message{}, err
	}
	for {
		start, err := from.Peek(1)
		if err != nil {
			return message{}, err
		}
		switch start[0] {
		case ' ', '\t', '\r', '\n':
			_, _ = from.Discard(1)
			continue
		case '{', '[':
			a.values(from)
		case '<':
			a.body.hurry()
			sample, _ := io.ReadAll(io.LimitReader(from, maxSample))
			return message{}, garbled("the answer is "+strconv.Quote(a.kind)+", no stream", sample)
		default:
			a.events(from)
		}
		return a.next()
	}
}

func (a *answer) events(from *bufio.Reader) {
	e := &events{lines: lines{from: from}, strange: a.wonder}
	a.next = e.next
}

// values reads values of JSON, and goes over to events where something else
// comes: some servers begin with a bare object, or end with "[DONE]", and some
// write texts as JSON does not have them.
func (a *answer) values(from *bufio.Reader) {
	v := newValues(from)
	a.next = func() (message, error) {
		m, err := v.next()
		if errors.Is(err, errNoValue) {
			a.events(bufio.NewReaderSize(v.rest(), readBuffer))
			return a.next()
		}
		return m, err
	}
}

// skipMark skips the mark of UTF-8 with which some begin a text.
func skipMark(from *bufio.Reader) error {
	const mark = "\xef\xbb\xbf"
	start, err := from.Peek(1)
	if err != nil || start[0] != mark[0] {
		return err
	}
	if start, err = from.Peek(len(mark)); string(start) == mark {
		_, err = from.Discard(len(mark))
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// read hands every message to the protocol, up to the end of the answer.
func (a *answer) read(p Protocol) (forward.End, error) {
	told, err := a.messages(p)
	switch {
	case err != nil:
	case p.Progress() == Nothing && a.strange != nil:
		err = garbled("the answer is not of the provider's protocol", a.strange)
	default:
		err = p.Close(told)
	}
	return p.End(), err
}

// messages reads up to the end of the stream; told says that the server marked
// it.
func (a *answer) messages(p Protocol) (told bool, err error) {
	for p.Progress() != Over {
		m, err := a.next()
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		told, err = a.take(p, m)
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case told:
			a.body.hurry()
			return true, nil
		case err != nil:
			return false, err
		}
		if p.Progress() >= Finished {
			a.body.hurry()
		}
	}
	return true, nil
}

// take reads one message; told says that it was the mark of the end.
func (a *answer) take(p Protocol, m message) (told bool, err error) {
	data := bytes.TrimSpace(m.data)
	for bytes.HasPrefix(data, []byte("data:")) { // some write the field's name twice
		data = bytes.TrimSpace(data[len("data:"):])
	}
	if string(data) == done || string(data) == `"`+done+`"` {
		return true, nil
	}
	before := a.sent
	if len(data) > 0 {
		err = a.takeData(p, m.event, data, m.cut)
	}
	if err == nil && a.sent == before {
		err = a.emit(forward.Piece{}) // the server is alive
	}
	return false, err
}

func (a *answer) takeData(p Protocol, event string, data []byte, cut bool) error {
	data, valid := mended(data)
	if !valid {
		switch {
		case p.Progress() >= Finished:
			return nil
		case event == "error":
			return Failure(0, nil, data)
		case cut:
			return io.EOF
		case data[0] == '{', data[0] == '[':
			return garbled("a message of the answer is not JSON", data)
		}
		a.wonder(data)
		return nil
	}
	value := gjson.ParseBytes(data)
	if !value.IsArray() {
		return a.takeValue(p, event, value)
	}
	for _, one := range value.Array() {
		if err := a.takeValue(p, event, one); err != nil {
			return err
		}
	}
	return nil
}

func (a *answer) takeValue(p Protocol, event string, value gjson.Result) error {
	switch {
	case p.Progress() < Finished && isFailure(event, value):
		return Failure(0, nil, []byte(value.Raw))
	case value.IsObject() && event != "error":
		if err := p.Take(event, value); err != nil {
			return err
		}
	}
	if p.Progress() == Nothing && value.Type != gjson.Null {
		a.wonder([]byte(value.Raw))
	}
	return nil
}

// wonder keeps the first sample of what is not understood.
func (a *answer) wonder(sample []byte) {
	if a.strange == nil {
		a.strange = bytes.Clone(sample[:min(len(sample), maxSample)])
	}
}
