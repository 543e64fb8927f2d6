package main

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/forward/session"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/ingress/openai/responses"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres"
)

// The scopes of the store's values.
const (
	responsesScope = "responses"
	sessionsScope  = "sessions"
)

// keptValues are those of a scope of the store, for a room that knows no stores.
type keptValues struct {
	values  store.Values
	scope   string
	missing error // the room's word for what is not there
}

// keptIn is nil where there is no store.
func keptIn(kept store.Store) responses.Kept {
	if kept == nil {
		return nil
	}
	return keptValues{kept, responsesScope, responses.ErrNotKept}
}

// Put implements responses.Kept and session.Store.
func (k keptValues) Put(ctx context.Context, key string, data []byte, expires time.Time) error {
	_, err := k.values.PutValue(ctx, k.scope, key, data, expires)
	return server.StoreFailed(err)
}

// Get implements responses.Kept and session.Store.
func (k keptValues) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := k.values.Value(ctx, k.scope, key)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, k.missing
	}
	return value.Data, server.StoreFailed(err)
}

// Delete implements responses.Kept.
func (k keptValues) Delete(ctx context.Context, key string) error {
	return server.StoreFailed(k.values.DeleteValue(ctx, k.scope, key))
}

// openSessions makes what knows conversations; nil where every turn is to stand
// alone, or there are no calls.
func (c *calls) openSessions(expiry time.Duration, log zerolog.Logger) (*session.Keeper, error) {
	if expiry == 0 || c.forwarding == nil {
		return nil, nil
	}
	config := session.Config{Expiry: expiry, Log: log}
	if c.ledger != nil {
		_, config.Shared = c.ledger.(*postgres.Store)
		config.Store = keptValues{c.ledger, sessionsScope, session.ErrNotKept}
	}
	return session.New(config)
}

// sessionsOf is the keeper as the server takes it.
func sessionsOf(k *session.Keeper) ingress.Sessions {
	if k == nil {
		return nil
	}
	return k
}
