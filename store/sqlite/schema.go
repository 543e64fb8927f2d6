package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"

	"github.com/semroute/semroute/store"
)

// schemaVersion is what PRAGMA user_version says of a file.
const schemaVersion = 3

// steps bring a file from each version to the next; the first makes a new one.
var steps = []string{`
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
INSERT INTO meta (name, value) VALUES ('hash_key', :key);
`, `
ALTER TABLE calls ADD COLUMN implausible INTEGER NOT NULL DEFAULT 0;
`, `
ALTER TABLE calls ADD COLUMN decision TEXT NOT NULL DEFAULT '';
CREATE INDEX calls_decision ON calls (decision) WHERE decision != '';
CREATE TABLE feedback (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	key TEXT NOT NULL UNIQUE,
	decision TEXT NOT NULL,
	time INTEGER NOT NULL,
	body BLOB NOT NULL
);
CREATE INDEX feedback_decision ON feedback (decision);
CREATE INDEX feedback_time ON feedback (time);
CREATE TABLE revisions (
	number INTEGER PRIMARY KEY,
	etag TEXT NOT NULL,
	catalog TEXT NOT NULL,
	author TEXT NOT NULL,
	cause TEXT NOT NULL,
	time INTEGER NOT NULL
);
CREATE TABLE small_values (
	scope TEXT NOT NULL,
	key TEXT NOT NULL,
	data BLOB NOT NULL,
	version INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (scope, key)
);
CREATE INDEX small_values_expires ON small_values (expires) WHERE expires != 0;
CREATE TABLE value_version (last INTEGER NOT NULL);
INSERT INTO value_version (last) VALUES (0);
CREATE TABLE api_keys (
	prefix TEXT PRIMARY KEY,
	hash BLOB NOT NULL,
	claims BLOB NOT NULL,
	created INTEGER NOT NULL,
	revoked INTEGER NOT NULL
);
`}

// lookupVersion is the first whose files know decisions by their ids, and
// feedback.
const lookupVersion = 3

// flags is the expression that counts implausible records.
type flags string

// flagsOf is for a file of a version; those of version 1 have no such column.
func flagsOf(version int) flags {
	if version < 2 {
		return "0"
	}
	return "implausible"
}

// hashKeyBytes is the length of the key that prompts are hashed with.
const hashKeyBytes = 32

// hashKey is the key that this file's prompts are hashed with.
func hashKey(ctx context.Context, db *sql.DB) ([]byte, error) {
	var key []byte
	if err := db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'hash_key'").Scan(&key); err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	return key, nil
}

func version(ctx context.Context, db *sql.DB) (int, error) {
	var n int
	err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&n)
	return n, err
}

// prepare makes the tables of a new file and brings an old one up to date. It
// refuses one of a newer program.
func prepare(ctx context.Context, db *sql.DB) error {
	n, err := version(ctx, db)
	switch {
	case err != nil:
		return err
	case n == schemaVersion:
		return nil
	case n > schemaVersion || n < 0:
		return fmt.Errorf("version %d, this program writes %d", n, schemaVersion)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	key := make([]byte, hashKeyBytes)
	_, _ = rand.Read(key)
	for _, step := range steps[n:] {
		if _, err := tx.ExecContext(ctx, step, sql.Named("key", key)); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", schemaVersion)); err != nil {
		return err
	}
	return tx.Commit()
}
