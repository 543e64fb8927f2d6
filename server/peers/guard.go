package peers

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Guard holds all connections of a server to their bounds. It is safe for
// concurrent use.
type Guard struct {
	config     Config
	unfinished atomic.Int64 // bytes, of all connections

	mu         sync.Mutex
	open       map[*conn]struct{}
	byAddress  map[string]int
	arriving   map[*Arrival]struct{}
	told       time.Time
	suppressed int
	detained   int // sockets of peers that went too far
}

// New makes a guard. Run looks after what takes too long.
func New(config Config) *Guard {
	config = config.withDefaults()
	return &Guard{config: config, open: map[*conn]struct{}{}, byAddress: map[string]int{}, arriving: map[*Arrival]struct{}{}}
}

// patrolEvery is how often requests that take too long are looked for.
const patrolEvery = time.Second

// Run ends requests that take too long to arrive, until ctx ends.
func (g *Guard) Run(ctx context.Context) {
	ticker := time.NewTicker(patrolEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			g.endLate()
		}
	}
}

// admit counts a new connection, or refuses it.
func (g *Guard) admit(raw net.Conn) (*conn, bool) {
	address := hostOf(raw.RemoteAddr())
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case len(g.open) >= g.config.Connections:
		g.tell("too many connections", address)
		return nil, false
	case g.config.PerAddress > 0 && address != "" && g.byAddress[address] >= g.config.PerAddress:
		g.tell("too many connections from one address", address)
		return nil, false
	}
	c := &conn{Conn: raw, guard: g, address: address, since: g.config.Now()}
	g.open[c] = struct{}{}
	g.byAddress[address]++
	return c, true
}

// leave forgets a connection.
func (g *Guard) leave(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.open[c]; !ok {
		return
	}
	delete(g.open, c)
	if g.byAddress[c.address]--; g.byAddress[c.address] <= 0 {
		delete(g.byAddress, c.address)
	}
}

// tell writes a line of the log, one a second at most: whoever is to be told of an
// attack must not be flooded by it.
func (g *Guard) tell(what, address string) {
	now := g.config.Now()
	if now.Sub(g.told) < time.Second {
		g.suppressed++
		return
	}
	g.config.Log.Warn().Str("reason", what).Str("from", address).Int("connections", len(g.open)).Int("most", g.config.Connections).
		Int("lines_left_out", g.suppressed).Msg("a connection is refused or ended")
	g.told, g.suppressed = now, 0
}

// end ends a connection that went too far.
func (g *Guard) end(c *conn, why string) {
	g.mu.Lock()
	g.tell(why, c.address)
	g.mu.Unlock()
	c.goneTooFar()
	_ = c.Close()
}

// detain keeps the socket of a connection that went too far for a while, where there
// are not too many of these. It counts as a connection until then.
func (g *Guard) detain(c *conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.detained >= g.config.Connections/2 {
		return false
	}
	g.detained++
	time.AfterFunc(g.config.Detention, func() {
		g.mu.Lock()
		g.detained--
		g.mu.Unlock()
		g.leave(c)
		_ = c.Conn.Close()
	})
	return true
}

// relieve ends the connection that has most of what is unfinished, for longest.
func (g *Guard) relieve() {
	var worst *conn
	var most float64
	g.mu.Lock()
	now := g.config.Now()
	for c := range g.open {
		if weight := float64(c.held()) * (1 + now.Sub(c.since).Seconds()); weight > most {
			worst, most = c, weight
		}
	}
	g.mu.Unlock()
	if worst != nil {
		g.end(worst, "messages that are not finished take too much memory")
	}
}

// hostOf is the address of a peer without its port, "" for one of this machine.
func hostOf(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return ""
	}
	return tcp.IP.String()
}
