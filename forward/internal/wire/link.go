package wire

import (
	"bufio"
	"net"
	"sync"
	"time"
)

const (
	// linkBuffer is what a connection reads at once: a few pieces of an answer.
	linkBuffer = 2 << 10
	// idlePerHost is how many idle connections are kept to a server, and
	// idleTimeout for how long.
	idlePerHost = 256
	idleTimeout = 90 * time.Second
)

// link is a connection to a server, used by one call at a time.
type link struct {
	conn    net.Conn
	address string
	reader  *bufio.Reader
	left    int64     // what may still be read
	since   time.Time // when it became idle
}

func newLink(conn net.Conn, address string) *link {
	l := &link{conn: conn, address: address}
	l.reader = bufio.NewReaderSize(l, linkBuffer)
	return l
}

// Read implements io.Reader.
func (l *link) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errHeader
	}
	n, err := l.conn.Read(p)
	l.left -= int64(n)
	return n, err
}

// interrupt ends what reads from and writes to the connection.
func (l *link) interrupt() { _ = l.conn.SetDeadline(time.Unix(1, 0)) }

// pool keeps idle connections. The zero value is ready; it is safe for
// concurrent use.
type pool struct {
	mu      sync.Mutex         // protects the fields below
	idle    map[string][]*link // by address, the longest idle first
	sweeper *time.Timer
}

// take gives the connection that was used last, nil when there is none.
func (p *pool) take(address string) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	links := p.idle[address]
	if len(links) == 0 {
		return nil
	}
	l := links[len(links)-1]
	links[len(links)-1] = nil
	p.idle[address] = links[:len(links)-1]
	return l
}

// put keeps the connection for another call.
func (p *pool) put(l *link, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle[l.address]) >= idlePerHost {
		_ = l.conn.Close()
		return
	}
	l.since = now
	if p.idle == nil {
		p.idle = map[string][]*link{}
	}
	p.idle[l.address] = append(p.idle[l.address], l)
	if p.sweeper == nil {
		p.sweeper = time.AfterFunc(idleTimeout, func() { p.sweep(time.Now()) })
	}
}

// sweep closes what has been idle for too long, and comes again while there is
// anything left.
func (p *pool) sweep(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := 0
	for address, links := range p.idle {
		old := 0
		for old < len(links) && now.Sub(links[old].since) >= idleTimeout {
			_ = links[old].conn.Close()
			old++
		}
		p.idle[address] = append([]*link(nil), links[old:]...)
		left += len(links) - old
	}
	if p.sweeper = nil; left > 0 {
		p.sweeper = time.AfterFunc(idleTimeout, func() { p.sweep(time.Now()) })
	}
}

// close closes all idle connections.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, links := range p.idle {
		for _, l := range links {
			_ = l.conn.Close()
		}
	}
	p.idle = nil
	if p.sweeper != nil {
		p.sweeper.Stop()
		p.sweeper = nil
	}
}
