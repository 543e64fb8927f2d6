package peers

import (
	"net"

	"google.golang.org/grpc/credentials"
)

// Credentials look at the frames of connections after the handshake that they
// wrap. Connections that the guard's listener did not give out pass as they are.
func (g *Guard) Credentials(inner credentials.TransportCredentials) credentials.TransportCredentials {
	return &metering{TransportCredentials: inner, guard: g}
}

type metering struct {
	credentials.TransportCredentials
	guard *Guard
}

// ServerHandshake implements credentials.TransportCredentials.
func (m *metering) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	shaken, info, err := m.TransportCredentials.ServerHandshake(raw)
	counted, ok := raw.(*conn)
	if err != nil || !ok {
		return shaken, info, err
	}
	return &metered{Conn: shaken, meter: newMeter(counted)}, info, nil
}

// Clone implements credentials.TransportCredentials.
func (m *metering) Clone() credentials.TransportCredentials {
	return &metering{TransportCredentials: m.TransportCredentials.Clone(), guard: m.guard}
}

// metered is a connection whose incoming frames are metered. Only one goroutine
// reads it.
type metered struct {
	net.Conn
	meter *meter
}

// Read implements net.Conn.
func (m *metered) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	if n > 0 {
		if excess := m.meter.read(p[:n]); excess != nil {
			return 0, excess
		}
	}
	return n, err
}
