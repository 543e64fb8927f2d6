// Package hostile does to a gRPC server what no honest client does, over real
// connections, so that tests and benchmarks can see what it costs. It is for
// servers of one's own.
package hostile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// Attack is one connection's part of an attack. It ends with ctx or when the
// server ends the connection, and says nothing of either.
type Attack func(c *Conn)

// Attacks are all, by name.
func Attacks() map[string]Attack {
	return map[string]Attack{
		"silent connections":          Silent,
		"bodies that never end":       HalfBodies,
		"bodies of a byte a second":   SlowBodies,
		"streams reset at once":       RapidResets,
		"headers that never end":      Continuations,
		"headers that unpack to much": HeaderBombs,
		"frames of settings":          Settings,
		"empty frames":                EmptyData,
	}
}

// method is what requests are for.
const method = "/semroute.v1.RouterService/Route"

// Conn is a connection as HTTP/2 has it after its preface.
type Conn struct {
	ctx    context.Context
	raw    net.Conn
	framer *http2.Framer
	next   uint32 // stream

	writing sync.Mutex // of the framer, where several streams write

	mu      sync.Mutex
	moved   *sync.Cond
	window  int64            // of the connection
	windows map[uint32]int64 // by stream
	gone    bool
}

// Run makes a connection and attacks by it. The error is that of dialling.
func Run(ctx context.Context, address string, attack Attack) error {
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer func() { _ = raw.Close() }()
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	c := &Conn{ctx: ctx, raw: raw, framer: http2.NewFramer(raw, raw), next: 1, window: 1<<16 - 1, windows: map[uint32]int64{}}
	c.moved = sync.NewCond(&c.mu)
	if _, err := raw.Write([]byte(http2.ClientPreface)); err != nil || c.framer.WriteSettings() != nil {
		return nil
	}
	var reader sync.WaitGroup
	reader.Go(c.read)
	attack(c)
	_ = raw.Close()
	reader.Wait()
	return nil
}

// Many keeps so many connections attacking until ctx ends, each made anew when
// the server ends it. It gives how often that was.
func Many(ctx context.Context, address string, connections int, attack Attack) (ended int) {
	var all sync.WaitGroup
	var mu sync.Mutex
	for range connections {
		all.Go(func() {
			for ctx.Err() == nil {
				_ = Run(ctx, address, attack) // refused counts as ended
				mu.Lock()
				ended++
				mu.Unlock()
				pause(ctx, 100*time.Millisecond)
			}
		})
	}
	all.Wait()
	return ended
}

// read takes what the server sends, for the windows alone.
func (c *Conn) read() {
	defer func() {
		c.mu.Lock()
		c.gone = true
		c.moved.Broadcast()
		c.mu.Unlock()
	}()
	for {
		frame, err := c.framer.ReadFrame()
		if err != nil {
			return
		}
		if update, ok := frame.(*http2.WindowUpdateFrame); ok {
			c.mu.Lock()
			if update.StreamID == 0 {
				c.window += int64(update.Increment)
			} else {
				c.windows[update.StreamID] += int64(update.Increment)
			}
			c.moved.Broadcast()
			c.mu.Unlock()
		}
	}
}

// begin opens a stream for a request.
func (c *Conn) begin() (uint32, error) {
	id := c.next
	c.next += 2
	c.mu.Lock()
	c.windows[id] = 1<<16 - 1
	c.mu.Unlock()
	c.writing.Lock()
	defer c.writing.Unlock()
	return id, c.framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block(), EndHeaders: true})
}

// block are the headers of a request.
func block(more ...hpack.HeaderField) []byte {
	var b bytes.Buffer
	encoder := hpack.NewEncoder(&b)
	encoder.SetMaxDynamicTableSize(0) // what one block puts there the next would have to know
	for _, f := range append([]hpack.HeaderField{
		{Name: ":method", Value: "POST"}, {Name: ":scheme", Value: "http"}, {Name: ":path", Value: method}, {Name: ":authority", Value: "x"},
		{Name: "content-type", Value: "application/grpc"}, {Name: "te", Value: "trailers"},
	}, more...) {
		_ = encoder.WriteField(f)
	}
	return b.Bytes()
}

// errFull: the windows have no room.
var errFull = errors.New("no window")

// trySend sends data in one frame where the windows have room for it.
func (c *Conn) trySend(id uint32, data []byte) error {
	n := int64(len(data))
	c.mu.Lock()
	switch {
	case c.gone:
		c.mu.Unlock()
		return net.ErrClosed
	case c.window < n || c.windows[id] < n:
		c.mu.Unlock()
		return errFull
	}
	c.window -= n
	c.windows[id] -= n
	c.mu.Unlock()
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.framer.WriteData(id, false, data)
}

// await waits until the windows have moved; false when the connection is gone.
func (c *Conn) await() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.gone {
		c.moved.Wait()
	}
	return !c.gone
}

// send sends data in one frame once there is room for it.
func (c *Conn) send(id uint32, data []byte) error {
	for {
		err := c.trySend(id, data)
		if !errors.Is(err, errFull) {
			return err
		}
		if !c.await() {
			return net.ErrClosed
		}
	}
}

// hold keeps the connection until the server or ctx ends it.
func (c *Conn) hold() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for !c.gone {
		c.moved.Wait()
	}
}

// message is the beginning of a message of gRPC of so many bytes.
func message(size uint32) []byte { return binary.BigEndian.AppendUint32([]byte{0}, size) }

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// filler is what bodies are filled with.
func filler(n int) []byte { return []byte(strings.Repeat("x", n)) }
