package peers

import "net"

// Unfinished is how much is held of messages that are not whole.
func (g *Guard) Unfinished() int64 { return g.unfinished.Load() }

// Detained is how many sockets of peers that went too far are kept.
func (g *Guard) Detained() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.detained
}

// Arriving is how many requests are awaited.
func (g *Guard) Arriving() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.arriving)
}

// MeterForTest meters what is given to it as one connection.
func (g *Guard) MeterForTest() (read func([]byte) error, end func()) {
	here, there := net.Pipe()
	c, _ := g.admit(here)
	m := newMeter(c)
	return m.read, func() {
		_ = c.Close()
		_ = there.Close()
	}
}
