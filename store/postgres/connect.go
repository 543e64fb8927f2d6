package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/semroute/semroute/store"
)

const (
	// defaultSchema is where the tables are, unless the address sets search_path.
	defaultSchema = "semroute"
	// connectTimeout bounds one attempt to connect, unless the address does.
	connectTimeout = 5 * time.Second
	// queryTimeout bounds what a caller without a deadline waits for.
	queryTimeout = 10 * time.Second
	// maxConns is for queries; watching and each lock take one more.
	maxConns = 8
)

// session are settings of every connection. A server notices by them within ten
// seconds that a replica's machine is gone, and frees its locks. They are set by a
// statement, because poolers refuse what they do not know at the start.
var session = map[string]string{
	"tcp_keepalives_idle":     "3",
	"tcp_keepalives_interval": "2",
	"tcp_keepalives_count":    "3",
	"tcp_user_timeout":        "10000",
}

// parse reads an address. Its errors never have the password in them.
func parse(address string) (*pgxpool.Config, string, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		return nil, "", fmt.Errorf("%w: the address of PostgreSQL must be as postgres://USER@HOST:5432/DATABASE: %w", store.ErrConfig, err)
	}
	if !strings.Contains(address, "pool_max_conns") {
		config.MaxConns = maxConns
	}
	if config.ConnConfig.ConnectTimeout == 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	params := config.ConnConfig.RuntimeParams
	if params["application_name"] == "" {
		params["application_name"] = "semroute"
	}
	set := maps.Clone(session)
	set["search_path"] = cmp.Or(params["search_path"], defaultSchema)
	delete(params, "search_path")
	config.ConnConfig.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error { return begin(ctx, conn, set) }
	schema, _, _ := strings.Cut(set["search_path"], ",")
	return config, strings.Trim(strings.TrimSpace(schema), `"`), nil
}

// begin makes the settings of a new connection.
func begin(ctx context.Context, conn *pgconn.PgConn, settings map[string]string) error {
	query, values := "SELECT ", [][]byte{}
	for name, value := range settings {
		if len(values) > 0 {
			query += ", "
		}
		query += fmt.Sprintf("set_config('%s', $%d, false)", name, len(values)+1)
		values = append(values, []byte(value))
	}
	_, err := conn.ExecParams(ctx, query, values, nil, nil, nil).Close()
	return err
}

// where names a database without its password.
func where(c *pgx.ConnConfig) string {
	return fmt.Sprintf("PostgreSQL at %s:%d, database %q, user %q", c.Host, c.Port, c.Database, c.User)
}

// unusable makes a database's failure one of the store's, and leaves the end of
// the caller's context and the store's own errors as they are.
func unusable(ctx context.Context, err error) error {
	for _, own := range []error{store.ErrStale, store.ErrNotFound, store.ErrExists, store.ErrInvalid, store.ErrUnusable, store.ErrClosed} {
		if err == nil || errors.Is(err, own) {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", store.ErrUnusable, err)
}

// refused says that a failure is about what was sent, not about the database's
// state: sending it again will not help.
func refused(err error) bool {
	var said *pgconn.PgError
	if !errors.As(err, &said) || len(said.Code) != 5 {
		return false
	}
	switch said.Code[:2] {
	case "22", "23", "54": // data exception, integrity constraint, program limit
		return true
	}
	return false
}

// key is the number that a name's advisory lock has. They are of a database, so
// that the schema is part of it.
func (r *Reader) key(name string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("semroute\x00" + r.schema + "\x00" + name))
	return int64(h.Sum64()) // #nosec G115 -- any number will do
}

// bounded gives a context without a deadline one.
func bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, queryTimeout)
}

// plain is a text that PostgreSQL takes: UTF-8 without zero bytes.
func plain(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}
