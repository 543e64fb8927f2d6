package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

	_ "modernc.org/sqlite" // the driver named "sqlite"
)

// schemaVersion is what PRAGMA user_version says of a ledger.
const schemaVersion = 1

const schema = `
CREATE TABLE calls (
	id INTEGER PRIMARY KEY,
	time INTEGER NOT NULL,
	route TEXT NOT NULL,
	model TEXT NOT NULL,
	user TEXT NOT NULL,
	forwarded INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	estimated INTEGER NOT NULL,
	unpriced INTEGER NOT NULL,
	input_tokens INTEGER NOT NULL,
	output_tokens INTEGER NOT NULL,
	answer INTEGER NOT NULL,
	wasted INTEGER NOT NULL,
	routing INTEGER NOT NULL,
	dearest INTEGER NOT NULL,
	text TEXT,
	record BLOB NOT NULL
);
CREATE INDEX calls_time ON calls (time);
CREATE TABLE spent (
	budget TEXT NOT NULL,
	scope TEXT NOT NULL,
	name TEXT NOT NULL,
	period TEXT NOT NULL,
	start INTEGER NOT NULL,
	amount INTEGER NOT NULL,
	PRIMARY KEY (budget, scope, name, period)
) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
`

// hashKeyBytes is the length of the key that prompts are hashed with.
const hashKeyBytes = 32

// openFile opens a ledger for writing and makes its tables when it is new.
func openFile(ctx context.Context, path string) (*sql.DB, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	db, err := open(path, "_txlock=immediate", "_pragma=busy_timeout(2000)", "_pragma=auto_vacuum(incremental)",
		"_pragma=journal_mode(wal)", "_pragma=synchronous(normal)")
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrFile, path, err), db.Close())
	}
	return db, nil
}

func openReadOnly(ctx context.Context, path string) (*sql.DB, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	db, err := open(path, "mode=ro", "_pragma=busy_timeout(2000)")
	if err != nil {
		return nil, err
	}
	version, err := version(ctx, db)
	if err == nil && version != schemaVersion {
		err = fmt.Errorf("version %d, this program reads %d", version, schemaVersion)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", ErrFile, path, err), db.Close())
	}
	return db, nil
}

func open(path string, options ...string) (*sql.DB, error) {
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}
	for i, o := range options {
		if i > 0 {
			address.RawQuery += "&"
		}
		address.RawQuery += o
	}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFile, path, err)
	}
	return db, nil
}

func version(ctx context.Context, db *sql.DB) (int, error) {
	var n int
	err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&n)
	return n, err
}

// prepare makes the tables of a new file and refuses one of another version.
func prepare(ctx context.Context, db *sql.DB) error {
	n, err := version(ctx, db)
	switch {
	case err != nil:
		return err
	case n == schemaVersion:
		return nil
	case n != 0:
		return fmt.Errorf("version %d, this program writes %d", n, schemaVersion)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	key := make([]byte, hashKeyBytes)
	_, _ = rand.Read(key)
	if _, err := tx.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ('hash_key', ?)", key); err != nil {
		return err
	}
	return tx.Commit()
}

// hashKey is the key that this file's prompts are hashed with.
func hashKey(ctx context.Context, db *sql.DB) ([]byte, error) {
	var key []byte
	if err := db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'hash_key'").Scan(&key); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return key, nil
}
