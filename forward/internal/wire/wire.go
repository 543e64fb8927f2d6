// Package wire is what the provider adapters share about HTTP: a client whose
// every failure is already a *forward.UpstreamError, bounded readers for
// streams of lines and of server-sent events, and the reading of secrets. It
// knows no provider's messages.
package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semroute/semroute/forward"
)

const (
	// maxErrorBody bounds what is read of a refusal, maxMessage what is kept.
	maxErrorBody = 64 << 10
	maxMessage   = 300
	// maxBody bounds an answer on the wire; the answer itself is bounded by the
	// forwarder, every piece of it is wrapped in a few hundred bytes.
	maxBody = 1 << 30
	// dialTimeout bounds the making of a connection.
	dialTimeout = 10 * time.Second
)

// NewTransport makes a transport for streams to one server. It follows the
// environment's proxy settings.
func NewTransport() *Direct {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	return &Direct{
		Next: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         dialer.DialContext,
			TLSHandshakeTimeout: dialTimeout,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: idlePerHost,
			IdleConnTimeout:     idleTimeout,
		},
		Proxy: http.ProxyFromEnvironment,
		Dial:  dialer.DialContext,
	}
}

// Guard is a RoundTripper that turns every failure into an UpstreamError:
// no connection, a status other than 2xx, a content type that is not among
// ContentTypes, a body that breaks off. It follows no redirects, so that a
// key is never sent elsewhere, and keeps Secret out of every message.
type Guard struct {
	Next         http.RoundTripper
	ContentTypes []string
	Secret       string
}

var _ http.RoundTripper = (*Guard)(nil)

// CloseIdleConnections frees the connections that no call uses.
func (g *Guard) CloseIdleConnections() {
	if t, ok := g.Next.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// RoundTrip implements http.RoundTripper.
func (g *Guard) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := g.Next.RoundTrip(req)
	if err != nil {
		return nil, g.unreachable(req.Context(), err)
	}
	if res.StatusCode/100 != 2 {
		defer func() { _ = res.Body.Close() }()
		return nil, g.refused(res)
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if !slices.Contains(g.ContentTypes, kind) {
		defer func() { _ = res.Body.Close() }()
		return nil, &forward.UpstreamError{
			Class: forward.Garbage, Status: res.StatusCode,
			Message: g.clean("the answer is " + strconv.Quote(kind) + ", not " + strings.Join(g.ContentTypes, " or ")),
		}
	}
	res.Body = &body{ReadCloser: res.Body, ctx: req.Context(), left: maxBody, guard: g}
	return res, nil
}

// unreachable is a call that got no answer at all.
func (g *Guard) unreachable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return err
	}
	class := forward.Reset
	var op *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		class = forward.Timeout
	case errors.As(err, &op) && op.Op == "dial":
		class = forward.Unreachable
	}
	return &forward.UpstreamError{Class: class, Message: g.clean(err.Error()), Err: err}
}

// refused is an answer with a status other than 2xx.
func (g *Guard) refused(res *http.Response) error {
	raw, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody))
	return &forward.UpstreamError{
		Class: ClassOf(res.StatusCode), Status: res.StatusCode,
		RetryAfter: RetryAfter(res.Header, time.Now()), Message: g.clean(message(raw)),
	}
}

// clean makes a message one bounded line without the secret.
func (g *Guard) clean(text string) string { return Clean(text, g.Secret) }

// Clean makes a message one bounded line without the secret.
func Clean(text, secret string) string {
	if secret != "" {
		text = strings.ReplaceAll(text, secret, "[secret]")
	}
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "…"
	}
	return text
}

// ClassOf sorts an HTTP status.
func ClassOf(status int) forward.Class {
	switch {
	case status == http.StatusTooManyRequests:
		return forward.RateLimited
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return forward.Auth
	case status == http.StatusNotFound:
		return forward.NotFound
	case status == http.StatusRequestTimeout, status == http.StatusGatewayTimeout:
		return forward.Timeout
	case status >= 500:
		return forward.ServerError
	case status >= 400:
		return forward.BadRequest
	}
	return forward.Garbage
}

// RetryAfter reads how long a server asks to be left alone, in seconds or as a
// date; the finer header in milliseconds that some servers send goes first. 0
// when it says nothing of use.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 && ms < 1e9 {
		return time.Duration(ms * float64(time.Millisecond))
	}
	value := h.Get("Retry-After")
	if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 && s < 1e6 {
		return time.Duration(s * float64(time.Second))
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return at.Sub(now)
	}
	return 0
}

// message finds the words in a refusal's body: {"error":{"message":…}},
// {"error":…} or {"message":…}, else the body itself.
func message(raw []byte) string {
	var shape struct {
		Error   json.RawMessage `json:"error"`
		Message string          `json:"message"`
	}
	if json.Unmarshal(raw, &shape) != nil {
		return string(raw)
	}
	var inner struct {
		Message string `json:"message"`
	}
	var text string
	switch {
	case json.Unmarshal(shape.Error, &inner) == nil && inner.Message != "":
		return inner.Message
	case json.Unmarshal(shape.Error, &text) == nil && text != "":
		return text
	case shape.Message != "":
		return shape.Message
	}
	return string(raw)
}

// body turns failures of a response body into UpstreamErrors.
type body struct {
	io.ReadCloser
	ctx   context.Context // of the request, to tell a cancelled read from a broken one
	left  int64
	guard *Guard
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		return n, &forward.UpstreamError{Class: forward.TooLarge, Message: "the answer is larger than is read"}
	case err == nil, errors.Is(err, io.EOF), b.ctx.Err() != nil:
		return n, err
	}
	return n, &forward.UpstreamError{Class: forward.Reset, Message: b.guard.clean(err.Error()), Err: err}
}
