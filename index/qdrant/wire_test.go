package qdrant_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"
)

// wire is the network between an index and a server, which a test cuts, slows
// down and lets go on.
type wire struct {
	listener net.Listener
	to       string
	group    sync.WaitGroup

	mu    sync.Mutex // protects the fields below
	cut   bool
	after int // bytes to the server until it is cut; less than 0 is never
	delay time.Duration
	open  map[net.Conn]bool
}

// newWire is one to the server at an address. It ends with the test.
func newWire(t *testing.T, to string) *wire {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	w := &wire{listener: listener, to: to, after: -1, open: map[net.Conn]bool{}}
	w.group.Go(w.run)
	t.Cleanup(func() {
		_ = listener.Close()
		w.Cut()
		w.group.Wait()
	})
	return w
}

// Address is what the index is told instead of the server's.
func (w *wire) Address() string { return w.listener.Addr().String() }

// Cut ends all connections, and new ones as soon as they are made.
func (w *wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cutLocked()
}

func (w *wire) cutLocked() {
	w.cut = true
	for c := range w.open {
		_ = c.Close()
	}
}

// CutAfter cuts once so many more bytes have gone to the server.
func (w *wire) CutAfter(bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.after = bytes
}

// Slow holds back everything that the server says for a while.
func (w *wire) Slow(delay time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.delay = delay
}

// Mend undoes all that was done.
func (w *wire) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut, w.after, w.delay = false, -1, 0
}

func (w *wire) run() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.group.Go(func() { w.join(client) })
	}
}

func (w *wire) join(client net.Conn) {
	defer func() { _ = client.Close() }()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	server, err := (&net.Dialer{}).DialContext(ctx, "tcp", w.to)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	w.mu.Lock()
	if w.cut {
		w.mu.Unlock()
		return
	}
	w.open[client], w.open[server] = true, true
	w.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { w.copy(server, client, w.count) })
	both.Go(func() { w.copy(client, server, w.hold) })
	both.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, client)
	delete(w.open, server)
}

// copy hands on what is read, once it may be; then it ends both directions.
func (w *wire) copy(to, from net.Conn, may func(n int) bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && may(n) {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func (w *wire) count(n int) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.after >= 0 {
		if w.after -= n; w.after < 0 {
			w.cutLocked()
			return false
		}
	}
	return true
}

func (w *wire) hold(int) bool {
	w.mu.Lock()
	delay := w.delay
	w.mu.Unlock()
	time.Sleep(delay)
	return true
}
