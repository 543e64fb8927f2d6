package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/semroute/semroute/store/sqlite"
)

// Store looks at where decisions, costs and feedback are kept: sqlite:FILE,
// postgres://…, or "" for nowhere.
func Store(address string) Check {
	return Check{"store", func(ctx context.Context) Finding {
		file, isFile := strings.CutPrefix(address, "sqlite:")
		switch {
		case address == "":
			return skipped("nothing is kept: no budgets, feedback, keys or reports; --ledger FILE or --store keeps them")
		case isFile:
			return storeFile(ctx, file)
		}
		return database(ctx, address)
	}}
}

func storeFile(ctx context.Context, path string) Finding {
	advice := "name a file in a folder that the server may write to"
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := writable(filepath.Dir(path)); err != nil {
			return failed(err, advice)
		}
		return ok(path + " will be made")
	}
	kept, err := sqlite.OpenReader(ctx, path)
	if err != nil {
		return failed(err, advice)
	}
	if err := kept.Close(); err != nil {
		return failed(err, advice)
	}
	if err := writable(filepath.Dir(path)); err != nil {
		return failed(err, advice)
	}
	return ok(path + " can be read")
}

func database(ctx context.Context, address string) Finding {
	advice := "start PostgreSQL, and check host, user, password and database of --store; a password may also come from PGPASSWORD or a .pgpass file"
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return failed(err, advice)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var version string
	var follows, creates bool
	err = conn.QueryRow(ctx, "SELECT current_setting('server_version'), pg_is_in_recovery(), has_schema_privilege(current_schema(), 'CREATE')").Scan(&version, &follows, &creates)
	switch {
	case err != nil:
		return failed(err, advice)
	case follows:
		return failed(fmt.Errorf("PostgreSQL %s is a standby, which nothing can be written to", version), "name the primary in --store")
	case !creates:
		return failed(fmt.Errorf("PostgreSQL %s: the user may make no tables", version), "grant CREATE on the schema to the user of --store")
	}
	return ok("PostgreSQL " + version)
}

// CacheFolder looks at where vectors and trained state are kept between starts.
func CacheFolder(dir string) Check {
	return Check{"cache folder", func(context.Context) Finding {
		if dir == "" {
			return warning("nothing is kept between starts", "give --cache-dir a folder, so that a start takes milliseconds instead of seconds")
		}
		if err := writable(dir); err != nil {
			return failed(err, "give --cache-dir a folder that the server may write to, or off")
		}
		return ok(dir)
	}}
}

// writable says why no file can be made in a folder, which need not be there yet
// where it can be made. What it makes it removes.
func writable(dir string) error {
	for {
		about, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
			dir = filepath.Dir(dir)
			continue
		}
		if err != nil {
			return err
		}
		if !about.IsDir() {
			return fmt.Errorf("%s is no folder", dir)
		}
		break
	}
	file, err := os.CreateTemp(dir, ".semroute-doctor-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
