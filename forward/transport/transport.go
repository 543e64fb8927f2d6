// Package transport is how models' servers are connected to: http.Transport,
// set for streams. One of it serves all models of a catalog, so that those on one
// server share its connections. It knows nothing of calls and their deadlines.
package transport

import (
	"net/http"
	"time"

	"github.com/semroute/semroute/internal/outbound"
)

const (
	// dialTimeout bounds the making of a connection.
	dialTimeout = 10 * time.Second
	keepAlive   = 30 * time.Second
	// idlePerHost is how many idle connections are kept to a server, and
	// idleTimeout for how long.
	idlePerHost = 256
	idleTimeout = 90 * time.Second
	// maxHeader bounds the head of an answer.
	maxHeader = 1 << 20
	// socketBuffer is what a connection reads and writes at once: some pieces of an
	// answer. There is one connection for every open stream.
	socketBuffer = 2 << 10
)

// New makes a transport for streams. It connects to no address of the link and to
// no cloud's metadata, whatever a name resolves to. It follows the environment's
// proxy settings and leaves all deadlines of an answer to the call's context.
func New() *http.Transport {
	dialer := outbound.Dialer(dialTimeout, keepAlive)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    idlePerHost,
		IdleConnTimeout:        idleTimeout,
		MaxResponseHeaderBytes: maxHeader,
		ReadBufferSize:         socketBuffer,
		WriteBufferSize:        socketBuffer,
		// What is compressed arrives in lumps, and a small body can become a huge one.
		DisableCompression: true,
	}
}
