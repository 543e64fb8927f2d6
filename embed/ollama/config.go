package ollama

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/semroute/semroute/internal/ollamahost"
)

// ErrConfig: a setting is out of range or missing.
var ErrConfig = errors.New("ollama embedder: bad setting")

// Defaults of Config.
const (
	DefaultBatch        = 64
	DefaultConcurrency  = 2
	DefaultTimeout      = 60 * time.Second
	DefaultKeepAlive    = 30 * time.Minute
	DefaultRecheckEvery = 30 * time.Second
)

// loadFactor is how many times Timeout loading a model may take.
const loadFactor = 10

// Config of an Embedder. Only Model is required; zero values are defaults.
type Config struct {
	// Model is the name as `ollama list` shows it; without a tag, ":latest".
	Model string
	// Address is the server, in the words of OLLAMA_HOST: [scheme://]host[:port].
	// "" is OLLAMA_HOST or, without it, http://127.0.0.1:11434.
	Address string
	// QueryPrefix and DocumentPrefix stand in front of every text; nil is what
	// the model's family is known to want.
	QueryPrefix, DocumentPrefix *string
	// Batch is how many texts one request carries at most, 1 to 1024. A slow
	// model gets fewer.
	Batch int
	// Concurrency is how many requests are under way at once, 1 to 64.
	Concurrency int
	// Timeout is how long the server may go without any progress: it bounds one
	// request, which for a slow model is one of a single text.
	Timeout time.Duration
	// LoadTimeout bounds the requests that may have to wait for the model to be
	// loaded: the first, and probes. 0 is ten times Timeout.
	LoadTimeout time.Duration
	// KeepAlive is how long the server keeps the model loaded.
	KeepAlive time.Duration
	// RecheckEvery is how old the last look at the model's digest may be.
	RecheckEvery time.Duration

	// Transport is for tests; nil is the network.
	Transport http.RoundTripper
}

// withDefaults fills in what is not set and checks the rest.
func (c Config) withDefaults() (Config, error) {
	c.Batch = orDefault(c.Batch, DefaultBatch)
	c.Concurrency = orDefault(c.Concurrency, DefaultConcurrency)
	c.Timeout = orDefault(c.Timeout, DefaultTimeout)
	c.LoadTimeout = orDefault(c.LoadTimeout, loadFactor*c.Timeout)
	c.KeepAlive = orDefault(c.KeepAlive, DefaultKeepAlive)
	c.RecheckEvery = orDefault(c.RecheckEvery, DefaultRecheckEvery)
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	switch {
	case c.Model == "":
		return c, fmt.Errorf("%w: model: give a model's name, such as all-minilm", ErrConfig)
	case c.Batch < 1 || c.Batch > 1024:
		return c, fmt.Errorf("%w: batch: %d is not in 1 to 1024", ErrConfig, c.Batch)
	case c.Concurrency < 1 || c.Concurrency > 64:
		return c, fmt.Errorf("%w: concurrency: %d is not in 1 to 64", ErrConfig, c.Concurrency)
	case c.Timeout < 0 || c.LoadTimeout < 0 || c.KeepAlive < 0 || c.RecheckEvery < 0:
		return c, fmt.Errorf("%w: timeout, load_timeout, keep_alive and recheck_every must not be negative", ErrConfig)
	}
	return c, nil
}

// base is the server's URL.
func (c Config) base() (*url.URL, error) {
	base, err := ollamahost.Resolve(c.Address)
	if err != nil {
		return nil, fmt.Errorf("%w: address: %w", ErrConfig, err)
	}
	return base, nil
}

// prefixes are the configured ones, and the family's where none is set.
func (c Config) prefixes() prefixPair {
	both := prefixOf(c.Model)
	prefixes := prefixPair{both, both}
	if c.QueryPrefix != nil {
		prefixes.query = *c.QueryPrefix
	}
	if c.DocumentPrefix != nil {
		prefixes.document = *c.DocumentPrefix
	}
	return prefixes
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
