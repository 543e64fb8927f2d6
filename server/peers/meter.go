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
	// Idle frames ask for work and bring nothing: resets, settings, empty data.
	// burstIdle may come at once, idlePerSecond in the long run: a caller that
	// hedges or gives up is far below.
	burstIdle     = 2000
	idlePerSecond = 500
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
	streams map[uint32]int64 // bytes by stream

	idle float64 // frames, less what is allowed since
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
		if !ends {
			m.streams[head.StreamID] += 0
		} else {
			m.done(head.StreamID)
		}
		if len(m.streams) > mostStreams {
			return "too many requests that do not end"
		}
		return ""
	case http2.FrameData:
		why := ""
		if head.Length == 0 && !ends {
			why = m.idleFrame()
		}
		if why == "" {
			why = m.data(head.StreamID, int64(head.Length))
		}
		if ends {
			m.done(head.StreamID)
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

// data adds what has arrived of a request.
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

// done takes off what a stream had.
func (m *meter) done(stream uint32) {
	bytes, open := m.streams[stream]
	if !open {
		return
	}
	delete(m.streams, stream)
	m.conn.add(-bytes)
}

// idleFrame counts one that brings nothing.
func (m *meter) idleFrame() string {
	now := m.conn.guard.config.Now()
	m.idle = max(0, m.idle-now.Sub(m.at).Seconds()*idlePerSecond) + 1
	m.at = now
	if m.idle > burstIdle {
		return "too many frames that bring nothing"
	}
	return ""
}
