package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"github.com/semroute/semroute/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// hashKeyBytes is the length of the key that prompts are hashed with.
const hashKeyBytes = 32

// migrate brings the tables up to date, one replica at a time.
func (r *Reader) migrate(ctx context.Context) error {
	_, release, err := r.lock(ctx, "migrations")
	if err != nil {
		return err
	}
	defer release()
	if _, err := r.pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{r.schema}.Sanitize()); err != nil {
		return privilege(err)
	}
	return r.withMigrations(func(p *goose.Provider) error {
		now, ours, err := p.GetVersions(ctx)
		if err != nil {
			return privilege(err)
		}
		if now > ours {
			return newer(now, ours)
		}
		if now < ours {
			_, err = p.Up(ctx)
		}
		return privilege(err)
	})
}

// upToDate is nil where the tables are those of this program.
func (r *Reader) upToDate(ctx context.Context) error {
	var there bool
	if err := r.pool.QueryRow(ctx, "SELECT to_regclass('goose_db_version') IS NOT NULL").Scan(&there); err != nil {
		return err
	}
	if !there {
		return fmt.Errorf("%w: there is no store in schema %q; `serve --store` makes one", store.ErrUnusable, r.schema)
	}
	return r.withMigrations(func(p *goose.Provider) error {
		now, ours, err := p.GetVersions(ctx)
		switch {
		case err != nil:
			return err
		case now > ours:
			return newer(now, ours)
		case now < ours:
			return fmt.Errorf("%w: its tables are of version %d, this program needs %d; `serve --store` brings them up to date", store.ErrUnusable, now, ours)
		}
		return nil
	})
}

func newer(now, ours int64) error {
	return fmt.Errorf("%w: its tables are of version %d, this program knows up to %d; run the newer program", store.ErrUnusable, now, ours)
}

func (r *Reader) withMigrations(do func(*goose.Provider) error) (err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	db := sql.OpenDB(stdlib.GetPoolConnector(r.pool))
	defer func() { err = errors.Join(err, db.Close()) }()
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	return do(p)
}

// privilege adds what to do where the user may not make tables.
func privilege(err error) error {
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == "42501" {
		return fmt.Errorf("%w: the user must be allowed to create a schema and tables (GRANT CREATE ON DATABASE …): %w", store.ErrUnusable, err)
	}
	return err
}

// hashKey is the key that prompts of this store are hashed with.
func (r *Reader) hashKey(ctx context.Context) ([]byte, error) {
	key := make([]byte, hashKeyBytes)
	_, _ = rand.Read(key)
	if _, err := r.pool.Exec(ctx, "INSERT INTO meta (name, value) VALUES ('hash_key', $1) ON CONFLICT DO NOTHING", key); err != nil {
		return nil, err
	}
	err := r.pool.QueryRow(ctx, "SELECT value FROM meta WHERE name = 'hash_key'").Scan(&key)
	return key, err
}
