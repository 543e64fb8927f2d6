package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

const (
	// MaxValueBytes bounds one value.
	MaxValueBytes = 8 << 20
	maxNameBytes  = 256
)

// Values keeps small things under a scope and a key until they expire, such as
// the sessions of conversations. A change is durable when it returns. Scopes and
// keys have 1 to 256 bytes of UTF-8; anything else is an ErrInvalid.
type Values interface {
	// Value is what is kept, or an ErrNotFound, also once it has expired.
	Value(ctx context.Context, scope, key string) (Value, error)
	// PutValue keeps data whatever was there and gives its version. It expires
	// then; the zero time is never.
	PutValue(ctx context.Context, scope, key string, data []byte, expires time.Time) (version int64, err error)
	// SwapValue keeps data where the version is still the one that the caller
	// knows, 0 for none or expired; otherwise nothing changes and the error is an
	// ErrStale.
	SwapValue(ctx context.Context, scope, key string, known int64, data []byte, expires time.Time) (version int64, err error)
	// DeleteValue forgets it; it need not be there.
	DeleteValue(ctx context.Context, scope, key string) error
	// Values are those of a scope whose keys come after one ("" for all), by
	// key, at most limit; 0, and more, is MaxListed.
	Values(ctx context.Context, scope, after string, limit int) ([]Value, error)
}

// Value is what is kept under a key.
type Value struct {
	Key  string
	Data []byte
	// Version is another after each change, never 0, and never one that the key
	// had before.
	Version int64
	// Expires is the zero time for never.
	Expires time.Time
}

// MostValues is the limit in force where so many are asked for.
func MostValues(limit int) int { return most(limit) }

// CheckValue is nil for what can be kept, otherwise an ErrInvalid.
func CheckValue(scope, key string, data []byte) error {
	if err := checkName("scope", scope); err != nil {
		return err
	}
	if err := checkName("key", key); err != nil {
		return err
	}
	if len(data) > MaxValueBytes {
		return fmt.Errorf("%w: a value of %d bytes, at most %d are kept", ErrInvalid, len(data), MaxValueBytes)
	}
	return nil
}

func checkName(what, name string) error {
	if name == "" || len(name) > maxNameBytes || !plain(name) {
		return fmt.Errorf("%w: the %s must be 1 to %d bytes of UTF-8 without zero bytes", ErrInvalid, what, maxNameBytes)
	}
	return nil
}

func checkJSON(what string, body json.RawMessage, maxBytes int) error {
	if len(body) > maxBytes || !json.Valid(body) || !plain(string(body)) {
		return fmt.Errorf("%w: the %s must be JSON of at most %d bytes", ErrInvalid, what, maxBytes)
	}
	return nil
}
