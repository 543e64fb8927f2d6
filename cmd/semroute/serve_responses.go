package main

import (
	"context"
	"errors"
	"time"

	"github.com/semroute/semroute/ingress/openai/responses"
	"github.com/semroute/semroute/store"
)

// responsesScope is where the store keeps responses.
const responsesScope = "responses"

// keptResponses keeps responses in the store.
type keptResponses struct{ values store.Values }

// keptIn is nil where there is no store.
func keptIn(kept store.Store) responses.Kept {
	if kept == nil {
		return nil
	}
	return keptResponses{kept}
}

// Put implements responses.Kept.
func (k keptResponses) Put(ctx context.Context, key string, data []byte, expires time.Time) error {
	_, err := k.values.PutValue(ctx, responsesScope, key, data, expires)
	return err
}

// Get implements responses.Kept.
func (k keptResponses) Get(ctx context.Context, key string) ([]byte, error) {
	value, err := k.values.Value(ctx, responsesScope, key)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return nil, responses.ErrNotKept
	}
	return value.Data, err
}

// Delete implements responses.Kept.
func (k keptResponses) Delete(ctx context.Context, key string) error {
	return k.values.DeleteValue(ctx, responsesScope, key)
}
