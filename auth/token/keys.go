package token

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"

	"github.com/semroute/semroute/internal/changed"
	"github.com/semroute/semroute/internal/outbound"
	"github.com/semroute/semroute/internal/plainfile"
)

const (
	// maxKeySet bounds a set of keys.
	maxKeySet = 1 << 20
	// askTime bounds one question to the issuer.
	askTime = 10 * time.Second
	// askAgain is how often tokens with keys that nobody knows may have the issuer
	// asked, and firstAgain how often it is asked while it has never answered.
	askAgain   = 30 * time.Second
	firstAgain = 5 * time.Second
	// longestWait is how long such a token may wait for its turn: not at all.
	longestWait = time.Millisecond
)

// fileKeys are those of a file, read again when it has changed.
type fileKeys struct {
	path   string
	failed func(error)
	watch  *changed.File

	mu    sync.Mutex
	known keyfunc.Keyfunc
}

func newFileKeys(c Config) (*fileKeys, error) {
	f := &fileKeys{path: c.JWKSFile, failed: c.Failed, watch: changed.New(c.Now, c.JWKSFile)}
	f.watch.Changed()
	var err error
	if f.known, err = readKeys(c.JWKSFile); err != nil {
		return nil, fmt.Errorf("%w: jwks_file: %w", ErrConfig, err)
	}
	return f, nil
}

func readKeys(path string) (keyfunc.Keyfunc, error) {
	raw, err := plainfile.Read(path, maxKeySet)
	if err != nil {
		return nil, err
	}
	return keyfunc.NewJWKSetJSON(raw)
}

// keyfunc implements keys. A file that is broken leaves what was read before.
func (f *fileKeys) keyfunc(ctx context.Context) (jwt.Keyfunc, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.watch.Changed() {
		fresh, err := readKeys(f.path)
		if err != nil {
			f.failed(fmt.Errorf("jwks_file: %w; the keys that were read before go on", err))
		} else {
			f.known = fresh
		}
	}
	return f.known.KeyfuncCtx(ctx), nil
}

// urlKeys are those that an issuer publishes.
type urlKeys struct {
	known atomic.Pointer[keyfunc.Keyfunc]
}

func newURLKeys(ctx context.Context, c Config) *urlKeys {
	client := http.Client{}
	if c.Client != nil {
		client = *c.Client
	}
	from := client.Transport
	if from == nil {
		from = &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: outbound.Dialer(askTime, 0).DialContext, ForceAttemptHTTP2: true, MaxIdleConns: 1,
		}
	}
	client.Transport = bounded{from}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	u, failIfDown := &urlKeys{}, false
	override := keyfunc.Override{
		Client: &client, HTTPTimeout: askTime, RefreshInterval: c.Refresh, NoErrorReturnFirstHTTPReq: &failIfDown,
		RateLimitWaitMax: longestWait, RefreshUnknownKID: rate.NewLimiter(rate.Every(askAgain), 1),
		RefreshErrorHandlerFunc: func(string) func(context.Context, error) {
			return func(_ context.Context, err error) {
				c.Failed(fmt.Errorf("jwks_url: %w; the keys that were read before go on", err))
			}
		},
	}
	ask := func() bool {
		fresh, err := keyfunc.NewDefaultOverrideCtx(ctx, []string{c.JWKSURL}, override)
		if err != nil {
			c.Failed(fmt.Errorf("jwks_url: %w; tokens are refused until it answers", err))
			return false
		}
		u.known.Store(&fresh)
		return true
	}
	go func() { // an issuer that is down must not keep a server from starting
		for !ask() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(firstAgain):
			}
		}
	}()
	return u
}

// keyfunc implements keys.
func (u *urlKeys) keyfunc(ctx context.Context) (jwt.Keyfunc, error) {
	known := u.known.Load()
	if known == nil {
		return nil, errNoKeys
	}
	return (*known).KeyfuncCtx(ctx), nil
}

// bounded reads no more of an answer than a set of keys may have.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, maxKeySet), answer.Body}
	}
	return answer, err
}
