package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/semroute/semroute/store"
)

// migrations bring a file from each version to the next; the first makes a new
// one.
//
//go:embed migrations/*.sql
var migrations embed.FS

const (
	// schemaVersion is that of the last migration.
	schemaVersion = 4
	// lookupVersion is the first whose files know decisions by their ids, and
	// feedback.
	lookupVersion = 3
	// timelineVersion is the first whose files know reasons, durations and attempts.
	timelineVersion = 4
)

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
	key := make([]byte, hashKeyBytes)
	_, _ = rand.Read(key)
	_, err := db.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ('hash_key', ?) ON CONFLICT DO NOTHING", key)
	if err == nil {
		err = db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'hash_key'").Scan(&key)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	return key, nil
}

func version(ctx context.Context, db interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
},
) (int, error) {
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
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(database.DialectCustom, db, files, goose.WithStore(userVersion{}), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// userVersion has goose keep the version where files of this program always had
// it, in SQLite's own field: PRAGMA user_version.
type userVersion struct{}

var _ database.Store = userVersion{}

// Tablename implements database.Store.
func (userVersion) Tablename() string { return "user_version" }

// TableExists is asked by goose beside database.Store: the field is always there.
func (userVersion) TableExists(context.Context, database.DBTxConn) (bool, error) { return true, nil }

// CreateVersionTable implements database.Store.
func (userVersion) CreateVersionTable(context.Context, database.DBTxConn) error { return nil }

// Insert implements database.Store.
func (userVersion) Insert(ctx context.Context, db database.DBTxConn, r database.InsertRequest) error {
	_, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", r.Version))
	return err
}

// Delete implements database.Store: a file never goes back.
func (userVersion) Delete(context.Context, database.DBTxConn, int64) error {
	return database.ErrNotImplemented
}

// GetMigration implements database.Store.
func (u userVersion) GetMigration(ctx context.Context, db database.DBTxConn, v int64) (*database.GetMigrationResult, error) {
	now, err := u.GetLatestVersion(ctx, db)
	if err == nil && v > now {
		err = database.ErrVersionNotFound
	}
	if err != nil {
		return nil, err
	}
	return &database.GetMigrationResult{IsApplied: true}, nil
}

// GetLatestVersion implements database.Store.
func (userVersion) GetLatestVersion(ctx context.Context, db database.DBTxConn) (int64, error) {
	n, err := version(ctx, db)
	return int64(n), err
}

// ListMigrations implements database.Store.
func (u userVersion) ListMigrations(ctx context.Context, db database.DBTxConn) ([]*database.ListMigrationsResult, error) {
	now, err := u.GetLatestVersion(ctx, db)
	var list []*database.ListMigrationsResult
	for v := now; v >= 0; v-- {
		list = append(list, &database.ListMigrationsResult{Version: v, IsApplied: true})
	}
	return list, err
}
