package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/store"
)

// openFile opens a ledger for writing and makes its tables when it is new.
func openFile(ctx context.Context, path string) (*sql.DB, error) {
	err := plainfile.Check(path, plainfile.AnySize)
	if errors.Is(err, os.ErrNotExist) {
		err = create(path)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	db, err := open(path, "_txlock=immediate", "_pragma=busy_timeout(2000)", "_pragma=auto_vacuum(incremental)",
		"_pragma=journal_mode(wal)", "_pragma=synchronous(normal)")
	if err != nil {
		return nil, err
	}
	if err := prepare(ctx, db); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %s: %w", store.ErrUnusable, path, err), db.Close())
	}
	return db, nil
}

// openDurable opens a file that openFile has opened once more, for changes that
// a power failure must not undo. There is one connection: they come one by one.
func openDurable(path string) (*sql.DB, error) {
	db, err := open(path, "_txlock=immediate", "_pragma=busy_timeout(5000)", "_pragma=synchronous(full)")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// create makes an empty file for its owner alone.
func create(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, private) // #nosec G304 -- the operator names it
	if err != nil {
		return err
	}
	return file.Close()
}

// openReadOnly opens a ledger to look at it and gives its version.
func openReadOnly(ctx context.Context, path string) (*sql.DB, int, error) {
	if err := plainfile.Check(path, plainfile.AnySize); err != nil {
		return nil, 0, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	db, err := open(path, "mode=ro", "_pragma=busy_timeout(2000)")
	if err != nil {
		return nil, 0, err
	}
	n, err := version(ctx, db)
	switch {
	case err == nil && (n < 1 || n > schemaVersion):
		err = fmt.Errorf("version %d, this program reads up to %d", n, schemaVersion)
	case err != nil && strings.Contains(err.Error(), "unable to open"):
		err = errors.Join(err, whyNot(path))
	}
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("%w: %s: %w", store.ErrUnusable, path, err), db.Close())
	}
	return db, n, nil
}

// whyNot says in plain words why a ledger could not be opened for reading. It
// is for failures only: to open and close the files of a ledger that this
// process has open would take SQLite's locks from it.
func whyNot(path string) error {
	for _, suffix := range besides {
		file, err := os.Open(path + suffix) // #nosec G304 -- the operator names it
		if err == nil {
			err = file.Close()
		}
		if errors.Is(err, os.ErrPermission) {
			return fmt.Errorf("%w: it belongs to another user; read it as the user who runs the server", err)
		}
	}
	return errors.New("whoever reads it must be allowed to write into its folder, as the user who runs the server is")
}

func open(path string, options ...string) (*sql.DB, error) {
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: strings.Join(options, "&")}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", store.ErrUnusable, path, err)
	}
	return db, nil
}
