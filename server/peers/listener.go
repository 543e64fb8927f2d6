package peers

import (
	"errors"
	"net"
	"sync"
	"syscall"
	"time"
)

// Listen has a listener give out only as many connections as there may be. Those
// beyond are closed at once.
func (g *Guard) Listen(inner net.Listener) net.Listener { return &listener{Listener: inner, guard: g} }

type listener struct {
	net.Listener
	guard *Guard
}

// noDescriptor is the pause after the process ran out of descriptors.
const noDescriptor = 50 * time.Millisecond

// Accept implements net.Listener.
func (l *listener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			l.guard.mu.Lock()
			l.guard.tell("no descriptor is left", "")
			l.guard.mu.Unlock()
			time.Sleep(noDescriptor)
			continue
		}
		if err != nil {
			return nil, err
		}
		if c, ok := l.guard.admit(raw); ok {
			return c, nil
		}
		_ = raw.Close()
	}
}

// conn is a connection that is counted.
type conn struct {
	net.Conn
	guard   *Guard
	address string
	since   time.Time

	mu         sync.Mutex
	unfinished int64 // bytes of messages that are not whole
	closed     bool
	tooFar     bool // the peer took too much
}

// add counts bytes of messages that are not whole, and gives those of this
// connection and of all; nothing of a connection that is closed counts.
func (c *conn) add(bytes int64) (mine, all int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, 0
	}
	c.unfinished += bytes
	return c.unfinished, c.guard.unfinished.Add(bytes)
}

// held is how much of messages that are not whole the connection has.
func (c *conn) held() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.unfinished
}

// Close implements net.Conn.
func (c *conn) Close() error {
	c.mu.Lock()
	first, tooFar := !c.closed, c.tooFar
	if first {
		c.closed = true
		c.guard.unfinished.Add(-c.unfinished)
		c.unfinished = 0
	}
	c.mu.Unlock()
	switch {
	case !first && tooFar: // it is detained, or has been
		return nil
	case tooFar && c.guard.detain(c):
		return c.SetDeadline(time.Unix(1, 0)) // whoever still reads or writes here ends
	}
	c.guard.leave(c)
	return c.Conn.Close()
}

// goneTooFar marks a connection before it is closed.
func (c *conn) goneTooFar() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tooFar = true
}
