// Package callers puts together who may call a server: the keys of a store, the
// auth file with its keys, certificates and tokens, and the listener's own
// authorities. It promises that a change of the file is taken within seconds,
// and that a file that is broken leaves everything as it was before.
package callers

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/auth/authfile"
	"github.com/semroute/semroute/auth/peercert"
	"github.com/semroute/semroute/auth/token"
	"github.com/semroute/semroute/internal/changed"
)

// Config says where callers are known from. At least one of File, Store and
// Certificates is needed.
type Config struct {
	// File is the auth file; empty is none.
	File string
	// Store has keys; nil is none.
	Store apikey.Source
	// Certificates says that the listener verifies clients' certificates. Those
	// that the file does not name may decide, forward and give feedback, unless it
	// names some.
	Certificates bool
	// Client asks the issuer of tokens for its keys; nil makes one.
	Client *http.Client
	// Check refuses a file that cannot be served, such as one with budgets where
	// no spending is kept; nil takes all.
	Check func(*authfile.File) error
	// Log is told of files that cannot be taken.
	Log zerolog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Callers knows who may call. It is an auth.Authenticator and safe for
// concurrent use.
type Callers struct {
	config  Config
	ctx     context.Context // of what is asked beside
	watch   *changed.File
	loading chan struct{} // holds one while nobody loads
	current atomic.Pointer[known]
	store   *apikey.Verifier
}

var _ auth.Authenticator = (*Callers)(nil)

// known is what was read of the file.
type known struct {
	verifiers auth.Verifiers
	anonymous *auth.Claims
	tokens    *token.Config
	verifier  *token.Verifier
	end       context.CancelFunc // of the verifier of tokens
}

// Open reads the file. A file that cannot be used is an authfile.ErrFile. What
// runs beside ends with ctx.
func Open(ctx context.Context, config Config) (*Callers, error) {
	c := &Callers{config: config, ctx: ctx, loading: make(chan struct{}, 1)}
	c.loading <- struct{}{}
	if config.Store != nil {
		c.store = apikey.NewVerifier(config.Store, config.Now)
	}
	if config.File != "" {
		c.watch = changed.New(config.Now, config.File)
		c.watch.Changed()
	}
	return c, c.load()
}

// Authenticate implements auth.Authenticator.
func (c *Callers) Authenticate(ctx context.Context, shown auth.Credentials) (*auth.Identity, error) {
	c.follow()
	k := c.current.Load()
	if k.anonymous != nil && shown.Secret == "" && shown.Peer == nil {
		return auth.Anonymous(*k.anonymous), nil
	}
	return k.verifiers.Authenticate(ctx, shown)
}

// follow takes the file again where it has changed; whoever comes meanwhile goes
// on with what there is.
func (c *Callers) follow() {
	if c.watch == nil {
		return
	}
	select {
	case <-c.loading:
	default:
		return
	}
	defer func() { c.loading <- struct{}{} }()
	if !c.watch.Changed() {
		return
	}
	if err := c.load(); err != nil {
		c.config.Log.Error().Err(err).Msg("the changed auth file is not taken; the one before goes on")
		return
	}
	c.config.Log.Info().Str("file", c.config.File).Msg("the auth file has changed")
}

// load reads the file and puts what it says in place.
func (c *Callers) load() error {
	file := &authfile.File{}
	if c.config.File != "" {
		var err error
		if file, err = authfile.Read(c.config.File); err != nil {
			return err
		}
		if c.config.Check != nil {
			if err := c.config.Check(file); err != nil {
				return err
			}
		}
	}
	k := &known{anonymous: file.Anonymous}
	if err := c.tokens(k, file.Tokens); err != nil {
		return err
	}
	k.verifiers = c.verifiers(file, k.verifier)
	c.current.Store(k)
	return nil
}

func (c *Callers) verifiers(file *authfile.File, tokens *token.Verifier) (all auth.Verifiers) {
	switch {
	case len(file.Keys) > 0 && c.store != nil:
		all = append(all, either{file: apikey.NewVerifier(file.Keys, c.config.Now), store: c.store, keys: file.Keys})
	case len(file.Keys) > 0:
		all = append(all, apikey.NewVerifier(file.Keys, c.config.Now))
	case c.store != nil:
		all = append(all, c.store)
	}
	if tokens != nil {
		all = append(all, tokens)
	}
	if c.config.Certificates {
		others := file.Others
		if others == nil && len(file.Certificates) == 0 {
			others = &auth.Claims{Roles: []auth.Role{auth.Decide, auth.Forward, auth.Feedback}}
		}
		all = append(all, peercert.New(file.Certificates, others))
	}
	return all
}

// either verifies by the file what the file has, and everything else by the store.
type either struct {
	file, store *apikey.Verifier
	keys        apikey.List
}

// Verify implements auth.Verifier.
func (e either) Verify(ctx context.Context, shown auth.Credentials) (*auth.Identity, error) {
	prefix, _ := apikey.PrefixOf(shown.Secret)
	if _, ok := e.keys[prefix]; ok {
		return e.file.Verify(ctx, shown)
	}
	return e.store.Verify(ctx, shown)
}
