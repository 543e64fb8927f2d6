package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/store"
)

// KeyFile is the API keys of a file, and nothing else of it.
type KeyFile struct{ of *Store }

var _ store.Keys = (*KeyFile)(nil)

// OpenKeys opens the keys of a file, which is made where there is none. Nothing
// of them is held in memory, so it can be open for writing also while another
// process has the store open: SQLite lets one change after the other in.
func OpenKeys(ctx context.Context, path string) (*KeyFile, error) {
	if err := plainfile.Check(path, plainfile.AnySize); err == nil {
		db, n, err := openReadOnly(ctx, path)
		if err != nil {
			return nil, err
		}
		if err := errors.Join((&Reader{db: db, version: n}).has(schemaVersion), db.Close()); err != nil {
			return nil, err
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	db, err := openFile(ctx, path)
	if err != nil {
		return nil, err
	}
	s := &Store{Reader: &Reader{db: db, version: schemaVersion}}
	if s.small, err = openDurable(path); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &KeyFile{of: s}, nil
}

// AddKey implements store.Keys.
func (k *KeyFile) AddKey(ctx context.Context, key store.Key) error { return k.of.AddKey(ctx, key) }

// Key implements store.Keys.
func (k *KeyFile) Key(ctx context.Context, prefix string) (store.Key, error) {
	return k.of.Key(ctx, prefix)
}

// Keys implements store.Keys.
func (k *KeyFile) Keys(ctx context.Context) ([]store.Key, error) { return k.of.Keys(ctx) }

// RevokeKey implements store.Keys.
func (k *KeyFile) RevokeKey(ctx context.Context, prefix string, at time.Time) error {
	return k.of.RevokeKey(ctx, prefix, at)
}

// Close closes the file.
func (k *KeyFile) Close() error { return errors.Join(k.of.small.Close(), k.of.db.Close()) }
