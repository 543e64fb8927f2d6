// Package faults stands between a program and a service that it depends on, and
// breaks the way between them as networks and servers break: for tests of what the
// program does then. It knows no protocol.
package faults

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Fault is a way in which a service fails.
type Fault int32

// The faults.
const (
	// None passes everything on.
	None Fault = iota
	// Slow holds every piece up for SlowBy.
	Slow
	// Silent takes what is sent and answers nothing.
	Silent
	// Reset ends connections as a process that dies does.
	Reset
	// HalfOpen passes on what is sent and keeps the answers.
	HalfOpen
	// Drip passes on one byte of an answer at a time.
	Drip
	// Corrupt changes bytes of answers.
	Corrupt
)

// All are the faults that are one.
func All() []Fault { return []Fault{Slow, Silent, Reset, HalfOpen, Drip, Corrupt} }

// String names the fault.
func (f Fault) String() string {
	return [...]string{None: "none", Slow: "slow", Silent: "silent", Reset: "reset", HalfOpen: "half-open", Drip: "drip", Corrupt: "corrupt"}[f]
}

// SlowBy is how long Slow holds a piece up, DripEvery the pause between bytes.
const (
	SlowBy    = 300 * time.Millisecond
	DripEvery = 5 * time.Millisecond
)

// Proxy passes TCP connections on to a service. It is safe for concurrent use.
type Proxy struct {
	to       string
	listener net.Listener
	fault    atomic.Int32
	life     context.Context //nolint:containedctx // of the connections, which no caller's context bounds
	end      context.CancelFunc
	serving  sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]struct{}
}

// New listens on a free port of this machine; Close ends it.
func New(to string) (*Proxy, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &Proxy{to: to, listener: listener, open: map[net.Conn]struct{}{}}
	p.life, p.end = context.WithCancel(context.Background())
	p.serving.Go(p.accept)
	return p, nil
}

// Address is where it listens.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// Set has the service fail in a way, or no more, on connections that there are and on
// new ones.
func (p *Proxy) Set(f Fault) {
	p.fault.Store(int32(f))
	if f == Reset {
		p.reset()
	}
}

// Heal ends the fault, and with it the connections that it has spoilt.
func (p *Proxy) Heal() {
	if Fault(p.fault.Swap(int32(None))) != None {
		p.reset()
	}
}

// Close ends all connections and waits for them.
func (p *Proxy) Close() error {
	p.end()
	err := p.listener.Close()
	p.reset()
	p.serving.Wait()
	return err
}

func (p *Proxy) reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
}

func (p *Proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open[c] = struct{}{}
}

func (p *Proxy) forget(c net.Conn) {
	p.mu.Lock()
	delete(p.open, c)
	p.mu.Unlock()
	_ = c.Close()
}

func (p *Proxy) accept() {
	for {
		c, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.keep(c)
		if Fault(p.fault.Load()) == Reset {
			p.reset()
			p.forget(c)
			continue
		}
		p.serving.Go(func() { p.pass(c) })
	}
}

// pass joins a connection with one to the service.
func (p *Proxy) pass(here net.Conn) {
	defer p.forget(here)
	there, err := (&net.Dialer{}).DialContext(p.life, "tcp", p.to)
	if err != nil {
		return
	}
	p.keep(there)
	defer p.forget(there)
	var ways sync.WaitGroup
	ways.Go(func() { p.copy(there, here, false); _ = there.Close() })
	p.copy(here, there, true)
	_ = here.Close()
	ways.Wait()
}

// copy passes one direction on until it ends.
func (p *Proxy) copy(to io.Writer, from io.Reader, answers bool) {
	piece := make([]byte, 32<<10)
	for {
		n, err := from.Read(piece)
		if n > 0 {
			if err := p.write(to, piece[:n], answers); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

var errEnded = errors.New("the proxy has ended")

// write passes a piece on as the fault has it.
func (p *Proxy) write(to io.Writer, piece []byte, answers bool) error {
	switch Fault(p.fault.Load()) {
	case Slow:
		if !p.pause(SlowBy) {
			return errEnded
		}
	case Silent:
		return nil
	case HalfOpen:
		if answers {
			return nil
		}
	case Drip:
		if answers {
			return p.drip(to, piece)
		}
	case Corrupt:
		if answers {
			for i := 0; i < len(piece); i += 7 {
				piece[i] ^= 0x5a
			}
		}
	case None, Reset:
	}
	_, err := to.Write(piece)
	return err
}

func (p *Proxy) drip(to io.Writer, piece []byte) error {
	for i := range piece {
		if _, err := to.Write(piece[i : i+1]); err != nil {
			return err
		}
		if Fault(p.fault.Load()) != Drip {
			_, err := to.Write(piece[i+1:])
			return err
		}
		if !p.pause(DripEvery) {
			return errEnded
		}
	}
	return nil
}

// pause is false when the proxy ends meanwhile.
func (p *Proxy) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.life.Done():
		return false
	}
}
