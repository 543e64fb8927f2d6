package wire

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

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
	// Accept are the content types of an answer.
	Accept []string
	// Authorize puts a secret into the headers; it is called when there is one.
	Authorize func(h http.Header, secret string)
	// Header is sent besides.
	Header http.Header
}

// Caller posts requests to one address.
type Caller struct {
	address *url.URL
	header  http.Header
	secret  string
	guard   *Guard
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
		c.Transport = NewTransport()
	}
	header := c.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json")
	header.Set("Accept", c.Accept[0])
	header.Set("User-Agent", "semroute")
	if secret != "" {
		c.Authorize(header, secret)
	}
	guard := &Guard{Next: c.Transport, ContentTypes: c.Accept, Secret: secret}
	if address.Path == "" {
		address.Path = "/"
	}
	return &Caller{address: address.JoinPath(c.Path...), header: header, secret: secret, guard: guard}, nil
}

// Bearer authorizes as most servers want it.
func Bearer(h http.Header, secret string) { h.Set("Authorization", "Bearer "+secret) }

// Host is the name of the server.
func (c *Caller) Host() string { return c.address.Hostname() }

// Clean makes a message one bounded line without the caller's secret.
func (c *Caller) Clean(text string) string { return Clean(text, c.secret) }

// Post sends a JSON payload and gives the answer's body, to be closed. A
// failure is an UpstreamError, or ctx's error.
func (c *Caller) Post(ctx context.Context, payload []byte) (*http.Response, error) {
	req := &http.Request{
		Method: http.MethodPost, URL: c.address, Host: c.address.Host,
		Header:        c.header.Clone(), // tracing adds to it
		ContentLength: int64(len(payload)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(payload)), nil },
		Body:          io.NopCloser(bytes.NewReader(payload)),
	}
	return c.guard.RoundTrip(req.WithContext(ctx))
}

// Close frees idle connections.
func (c *Caller) Close() error {
	c.guard.CloseIdleConnections()
	return nil
}
