package wire

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/transport"
	"github.com/semroute/semroute/routes"
)

// Config says how a server is reached.
type Config struct {
	// Transport carries the calls; nil makes one.
	Transport http.RoundTripper
	// LookupEnv reads the environment for the model's secret.
	LookupEnv func(string) (string, bool)
	// Usual is the address of a model without one, Path is added to it.
	Usual string
	Path  []string
	// Accept is the content type that is asked for.
	Accept string
	// Authorize puts a secret into the headers; it is called when there is one.
	Authorize func(h http.Header, secret string)
	// Header is sent besides.
	Header http.Header
}

// Caller posts requests to one address. It is safe for concurrent use.
type Caller struct {
	transport http.RoundTripper
	address   *url.URL
	header    http.Header
	redactor  redactor
}

// NewCaller reads the model's secret and address. A missing secret is
// forward.ErrSecret, an unusable address forward.ErrConfig.
func NewCaller(m routes.Model, c Config) (*Caller, error) {
	secret, err := Secret(m, c.LookupEnv)
	if err != nil {
		return nil, err
	}
	address, err := Address(m, c.Usual)
	if err != nil {
		return nil, err
	}
	if c.Transport == nil {
		c.Transport = transport.New()
	}
	header := c.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	header.Set("Accept", c.Accept)
	header.Set("User-Agent", "semroute")
	if secret != "" {
		c.Authorize(header, secret)
	}
	if address.Path == "" {
		address.Path = "/"
	}
	return &Caller{
		transport: c.Transport, address: address.JoinPath(c.Path...), header: header, redactor: newRedactor(secret),
	}, nil
}

// Bearer authorizes as most servers want it.
func Bearer(h http.Header, secret string) { h.Set("Authorization", "Bearer "+secret) }

// Host is the name of the server.
func (c *Caller) Host() string { return c.address.Hostname() }

// Close frees idle connections.
func (c *Caller) Close() error {
	if t, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
	return nil
}

// Post is what a call sends.
type Post struct {
	// Payload is JSON.
	Payload []byte
	// Header stands in the place of the caller's own of the same names.
	Header http.Header
}

// Stream sends a post and reads the answer as the protocol says, whose
// pieces go to emit. begin makes the protocol's reader of one answer. Whatever
// text comes from upstream leaves through here, and without the secret: pieces,
// the name of the model, and errors.
func (c *Caller) Stream(ctx context.Context, send Post, emit Emit, begin func(Emit) Protocol) (forward.End, error) {
	answer, err := c.post(ctx, send, c.redactor.pieces(emit))
	if err != nil {
		return forward.End{}, c.redactor.failure(err)
	}
	defer answer.close()
	end, err := answer.read(begin(answer.send))
	end.Model = c.redactor.line(end.Model, maxName)
	return end, c.redactor.failure(err)
}

// maxName bounds the name of a model.
const maxName = 200

// post sends; the answer is to be closed.
func (c *Caller) post(ctx context.Context, send Post, emit Emit) (*answer, error) {
	inner, cancel := context.WithCancel(ctx)
	header := c.header.Clone() // tracing adds to it
	maps.Copy(header, send.Header)
	req := &http.Request{
		Method: http.MethodPost, URL: c.address, Host: c.address.Host,
		Header:        header,
		ContentLength: int64(len(send.Payload)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(send.Payload)), nil },
		Body:          io.NopCloser(bytes.NewReader(send.Payload)),
	}
	// No client: it would follow redirects.
	res, err := c.transport.RoundTrip(req.WithContext(inner)) //nolint:bodyclose // answer.close closes it
	if err != nil {
		defer cancel()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		return nil, unreachable(err)
	}
	b := &body{from: res.Body, ctx: ctx, cancel: cancel, left: maxBody}
	if res.StatusCode/100 != 2 {
		defer b.close()
		return nil, refused(res, b)
	}
	return newAnswer(b, res.Header.Get("Content-Type"), emit), nil
}

// refused is an answer with a status other than 2xx.
func refused(res *http.Response, b *body) error {
	raw, err := io.ReadAll(io.LimitReader(b, maxErrorBody))
	if err != nil && b.ctx.Err() != nil && len(raw) == 0 {
		return context.Cause(b.ctx)
	}
	return Failure(res.StatusCode, res.Header, raw)
}

// maxErrorBody bounds what is read of a refusal.
const maxErrorBody = 64 << 10

// FieldOf is the field that a refusal of a parameter names, "" for none.
func FieldOf(err error) string {
	var upstream *forward.UpstreamError
	if errors.As(err, &upstream) && upstream.Class == forward.UnsupportedInput {
		return upstream.Field
	}
	return ""
}
