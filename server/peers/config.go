package peers

import (
	"time"

	"github.com/rs/zerolog"
)

// Config bounds what peers may take; a field that is 0 has its default.
type Config struct {
	// Connections is how many there may be in all; by default as many as the
	// process has descriptors for, less a reserve for everything else, and at most
	// 10,000.
	Connections int
	// PerAddress is how many may come from one address; 0 is no bound, because all
	// callers of a proxy have one. It does not count for the loopback.
	PerAddress int
	// ReceiveTimeout (10 s) is how long a request may take to arrive.
	ReceiveTimeout time.Duration
	// UnfinishedBytes (64 MiB) bounds what has arrived of messages that are not
	// whole yet, those of all connections together. One connection may have a
	// quarter of it.
	UnfinishedBytes int64
	// Detention (30 s) is how long the socket of a peer that went too far stays open with
	// nobody reading it: what it still sends waits in its own buffers, and it does not
	// come again at once to cost the next handshake.
	Detention time.Duration
	// Log is told of connections that are ended or refused.
	Log zerolog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

const (
	usualReceiveTimeout  = 10 * time.Second
	usualUnfinishedBytes = 64 << 20
	usualDetention       = 30 * time.Second
	// connectionShare of UnfinishedBytes is one connection's.
	connectionShare = 4
	mostConnections = 10_000
	// reserve is how many descriptors are kept for files, upstreams and the store:
	// a quarter, at most this many.
	reserve = 1024
)

func (c Config) withDefaults() Config {
	if c.Connections == 0 {
		c.Connections = affordable()
	}
	if c.ReceiveTimeout == 0 {
		c.ReceiveTimeout = usualReceiveTimeout
	}
	if c.UnfinishedBytes == 0 {
		c.UnfinishedBytes = usualUnfinishedBytes
	}
	if c.Detention == 0 {
		c.Detention = usualDetention
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// awaitedBytes is what a request counts as before anything of it has arrived: no more
// than that all a connection may have are within its share.
func (c Config) awaitedBytes() int64 {
	return min(awaitedBytes, c.UnfinishedBytes/connectionShare/mostStreams)
}

// affordable is how many connections the process has descriptors for.
func affordable() int {
	limit := descriptors()
	return min(limit-min(limit/4, reserve), mostConnections)
}
