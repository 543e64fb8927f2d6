package peers

import (
	"bytes"
	"errors"
	"time"

	"golang.org/x/net/http2"
)

// ErrExcess: a peer went beyond what it may take, and lost its connection.
var ErrExcess = errors.New("the peer takes too much")

const (
	// frameHead is the length of a frame's head, prefaceLength that of the text
	// with which a client begins.
	frameHead     = 9
	prefaceLength = len(http2.ClientPreface)
	// mostStreams bounds the requests of a connection that have not ended, also
	// those that gRPC has given up and the peer has not.
	mostStreams = 4 * MaxStreams
	// Idle frames ask for work and bring nothing: resets, settings, empty data, and the
	// heads of requests that never arrive whole. burstIdle may come at once, idlePerSecond
	// in the long run, and one more for every request that arrived whole: whoever hedges
	// or gives up asked before. Of these mostEarned can be saved up.
	burstIdle     = 200
	idlePerSecond = 50
	mostEarned    = 2000
	// awaitedBytes is what a request takes that is awaited, beside what has arrived of it:
	// a goroutine, its stream and its context.
	awaitedBytes = 16 << 10
)

// MaxStreams is how many calls a connection may have at once.
const MaxStreams = 128

// meter reads the heads of a connection's incoming frames, and adds up what has
// arrived of requests that have not ended.
type meter struct {
	conn    *conn
	skip    int // bytes until the next head
	head    [frameHead]byte
	have    int
	streams map[uint32]int64 // bytes of requests that have not ended, by stream

	idle float64 // frames, less what is allowed since; below 0 what whole requests have earned
	at   time.Time
}

func newMeter(c *conn) *meter {
	return &meter{conn: c, skip: prefaceLength, streams: map[uint32]int64{}, at: c.since}
}

// read meters the next bytes. Its error is an ErrExcess, and the end of the
// connection.
func (m *meter) read(p []byte) error {
	for len(p) > 0 {
		if m.skip > 0 {
			n := min(m.skip, len(p))
			m.skip -= n
			p = p[n:]
			continue
		}
		n := copy(m.head[m.have:], p)
		m.have += n
		p = p[n:]
		if m.have < frameHead {
			return nil
		}
		m.have = 0
		head, err := http2.ReadFrameHeader(bytes.NewReader(m.head[:]))
		if err != nil {
			return err // nine bytes are always a head
		}
		m.skip = int(head.Length)
		if why := m.frame(head); why != "" {
			m.conn.guard.end(m.conn, why)
			return ErrExcess
		}
	}
	return nil
}

// frame meters one frame; what it returns is why the connection has to end.
func (m *meter) frame(head http2.FrameHeader) string {
	ends := head.Flags.Has(http2.FlagDataEndStream) // the flag of headers is the same
	switch head.Type {
	case http2.FrameHeaders:
		return m.headers(head.StreamID, ends)
	case http2.FrameData:
		why := ""
		if head.Length == 0 && !ends {
			why = m.idleFrame()
		}
		if why == "" {
			why = m.data(head.StreamID, int64(head.Length))
		}
		if ends {
			m.whole(head.StreamID)
		}
		return why
	case http2.FrameRSTStream:
		m.done(head.StreamID)
		return m.idleFrame()
	case http2.FrameContinuation, http2.FrameWindowUpdate, http2.FramePing:
		// What gRPC bounds itself, and what its clients send in numbers: they measure
		// the way by pings while answers arrive.
		return ""
	}
	return m.idleFrame()
}

// headers begins a request, unless it has begun before, or ends it.
func (m *meter) headers(stream uint32, ends bool) string {
	if why := m.idleFrame(); why != "" {
		return why
	}
	if ends {
		m.whole(stream)
		return ""
	}
	if _, open := m.streams[stream]; open {
		return ""
	}
	if len(m.streams) == mostStreams {
		return "too many requests that do not end"
	}
	m.streams[stream] = 0
	return m.data(stream, m.conn.guard.config.awaitedBytes())
}

// data adds what a request takes.
func (m *meter) data(stream uint32, bytes int64) string {
	before, open := m.streams[stream]
	if !open {
		return ""
	}
	m.streams[stream] = before + bytes
	g := m.conn.guard
	mine, all := m.conn.add(bytes)
	if mine > g.config.UnfinishedBytes/connectionShare {
		return "messages that are not finished take too much of one connection"
	}
	if all > g.config.UnfinishedBytes {
		g.relieve()
	}
	return ""
}

// done takes off what a request had, and gives it.
func (m *meter) done(stream uint32) (bytes int64) {
	bytes, open := m.streams[stream]
	if open {
		delete(m.streams, stream)
		m.conn.add(-bytes)
	}
	return bytes
}

// whole ends a request that has arrived. Where it brought anything its head was no idle
// frame, and it earns one.
func (m *meter) whole(stream uint32) {
	if m.done(stream) > m.conn.guard.config.awaitedBytes() {
		m.idle = max(-mostEarned, m.idle-2)
	}
}

// idleFrame counts one that brings nothing.
func (m *meter) idleFrame() string {
	now := m.conn.guard.config.Now()
	if m.idle > 0 {
		m.idle = max(0, m.idle-now.Sub(m.at).Seconds()*idlePerSecond)
	}
	m.idle++
	m.at = now
	if m.idle > burstIdle {
		return "too many frames that bring nothing"
	}
	return ""
}
