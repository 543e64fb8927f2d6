package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// maxDirect is the largest request that Direct carries: one that fits into
	// a socket's buffer, so that writing it never waits for the reader.
	maxDirect = 64 << 10
	// maxHeader bounds the head of an answer.
	maxHeader = 1 << 20
	// maxEarly is how many informational answers may come before the answer.
	maxEarly = 8
)

// Direct is a RoundTripper for what models nearby speak: HTTP/1.1 without
// encryption, no proxy, requests of a moderate size. Next carries everything
// else. It writes and reads on the caller's goroutine, where http.Transport
// keeps two more for each connection: that is two changes of goroutine less
// before the first piece, and a fourth of the memory of a stream.
//
// A connection is used again when its answer was read to the end, and only
// after a look whether the server has closed it meanwhile; nothing is ever sent
// twice. It is safe for concurrent use.
type Direct struct {
	Next http.RoundTripper
	// Proxy says by which proxy a request goes, nil for none.
	Proxy func(*http.Request) (*url.URL, error)
	// Dial makes a connection.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)

	pool pool
}

var _ http.RoundTripper = (*Direct)(nil)

// RoundTrip implements http.RoundTripper.
func (d *Direct) RoundTrip(req *http.Request) (*http.Response, error) {
	if !d.carries(req) {
		return d.Next.RoundTrip(req)
	}
	raw, err := render(req)
	if err != nil {
		return nil, err
	}
	l, err := d.connect(req)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(req.Context(), l.interrupt)
	res, err := l.exchange(req, raw)
	if err != nil {
		stop()
		_ = l.conn.Close()
		return nil, err
	}
	res.Request = nil // an open stream needs it no more, and it holds all that was sent
	res.Body = &answer{body: res.Body, link: l, stop: stop, last: res.Close, pool: &d.pool}
	return res, nil
}

// carries says whether the request is one for plain connections.
func (d *Direct) carries(req *http.Request) bool {
	if !canPeek || req.URL.Scheme != "http" || req.Body == nil || req.ContentLength <= 0 || req.ContentLength > maxDirect {
		return false
	}
	proxy, err := d.Proxy(req)
	return proxy == nil && err == nil
}

// CloseIdleConnections frees the connections that no call uses.
func (d *Direct) CloseIdleConnections() {
	d.pool.close()
	if t, ok := d.Next.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// connect takes a connection that is idle, or makes one.
func (d *Direct) connect(req *http.Request) (*link, error) {
	address := req.URL.Host
	if req.URL.Port() == "" {
		address = net.JoinHostPort(req.URL.Hostname(), "80")
	}
	for {
		l := d.pool.take(address)
		if l == nil {
			break
		}
		if quiet(l.conn) {
			return l, nil
		}
		_ = l.conn.Close()
	}
	conn, err := d.Dial(req.Context(), "tcp", address)
	if err != nil {
		return nil, err
	}
	return newLink(conn, address), nil
}

// render is the request as it goes over the connection.
func render(req *http.Request) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(usualHead + int(req.ContentLength))
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	b.WriteString(req.Method + " " + req.URL.RequestURI() + " HTTP/1.1\r\nHost: " + host + "\r\n")
	if err := req.Header.Write(&b); err != nil {
		return nil, err
	}
	b.WriteString("Content-Length: ")
	b.Write(strconv.AppendInt(b.AvailableBuffer(), req.ContentLength, 10))
	b.WriteString("\r\n\r\n")
	n, err := b.ReadFrom(req.Body)
	if err = errors.Join(err, req.Body.Close()); err != nil {
		return nil, err
	}
	if n != req.ContentLength {
		return nil, errLength
	}
	return b.Bytes(), nil
}

// usualHead holds the head of a request.
const usualHead = 512

var (
	errLength = errors.New("the request's body is not as long as it says")
	errEarly  = errors.New("the server sent no answer, only informational ones")
	errHeader = errors.New("the head of the answer is larger than is read")
)

// exchange sends the request and reads the head of the answer. One that comes
// although not all of the request could be sent is a refusal, and still read.
func (l *link) exchange(req *http.Request, raw []byte) (*http.Response, error) {
	l.left = maxHeader
	_, unsent := l.conn.Write(raw)
	for range maxEarly {
		res, err := http.ReadResponse(l.reader, req)
		switch {
		case err != nil && unsent != nil:
			return nil, unsent
		case err != nil:
			return nil, err
		case res.StatusCode >= http.StatusOK || res.StatusCode == http.StatusSwitchingProtocols:
			l.left = math.MaxInt64
			res.Close = res.Close || unsent != nil
			return res, nil
		}
	}
	return nil, errEarly
}

// answer is the body of an answer. Closing it gives the connection back when
// all was read, and closes it otherwise: what is left would have to be waited for.
type answer struct {
	body io.Reader
	link *link
	stop func() bool // false when the call's context has ended
	last bool        // the server wants the connection closed
	pool *pool

	whole, closed bool
}

var _ io.ReadCloser = (*answer)(nil)

// Read implements io.Reader.
func (a *answer) Read(p []byte) (int, error) {
	if a.closed {
		return 0, net.ErrClosed
	}
	n, err := a.body.Read(p)
	a.whole = a.whole || errors.Is(err, io.EOF)
	return n, err
}

// Close implements io.Closer.
func (a *answer) Close() error {
	if a.closed {
		return nil
	}
	a.closed = true
	if a.stop() && a.whole && !a.last && a.link.reader.Buffered() == 0 {
		a.pool.put(a.link, time.Now())
		return nil
	}
	return a.link.conn.Close()
}
