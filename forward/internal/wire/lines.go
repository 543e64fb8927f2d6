package wire

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/semroute/semroute/forward"
)

// maxMessage bounds one message; a provider may send a whole answer in one.
const maxMessage = 64 << 20

// lines reads a text line by line, however lines end in it: LF, CR LF or CR. A
// line is only valid until the next.
type lines struct {
	from   *bufio.Reader
	long   []byte
	skipLF bool // the line before ended with CR, so an LF belongs to it
}

// next is the next line without its end, and whether it had one: the last may
// not. io.EOF after the last.
func (l *lines) next() (line []byte, ended bool, err error) {
	l.long = l.long[:0]
	for {
		part, err := l.buffered()
		switch {
		case errors.Is(err, io.EOF) && len(l.long) > 0:
			return l.long, false, nil
		case err != nil:
			return nil, false, err
		}
		if l.skipLF {
			l.skipLF = false
			if part[0] == '\n' {
				l.discard(1)
				continue
			}
		}
		end := bytes.IndexAny(part, "\r\n")
		if end < 0 {
			l.long = append(l.long, part...)
			l.discard(len(part))
			if len(l.long) > maxMessage {
				return nil, false, tooLarge()
			}
			continue
		}
		line = part[:end]
		if len(l.long) > 0 {
			l.long = append(l.long, line...)
			line = l.long
		}
		l.skipLF = part[end] == '\r'
		l.discard(end + 1)
		return line, true, nil
	}
}

// buffered is what can be read without waiting, at least one byte.
func (l *lines) buffered() ([]byte, error) {
	if _, err := l.from.Peek(1); err != nil {
		return nil, err
	}
	return l.from.Peek(l.from.Buffered())
}

func (l *lines) discard(n int) { _, _ = l.from.Discard(n) }

func tooLarge() error {
	return &forward.UpstreamError{Class: forward.TooLarge, Message: "a message of the answer is larger than is read"}
}
