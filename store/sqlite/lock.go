package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/store"
)

// lockSuffix names the file beside a ledger that is locked while it is written.
// The ledger itself is not: SQLite locks parts of it, and would lose those
// locks whenever this process closed the file.
const lockSuffix = ".lock"

// maxHolder bounds what is read of a lock file.
const maxHolder = 4096

// lock is held by the one process that writes a ledger. It ends with the
// process, however that ends.
type lock struct {
	path string
	file *flock.Flock
}

// holder is what the lock file says of who holds it.
type holder struct {
	PID   int       `json:"pid"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// take locks a ledger, or says who holds it.
func take(ledger string, now time.Time) (*lock, error) {
	path, err := lockPath(ledger)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	if err := plainfile.Check(path, maxHolder); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", store.ErrUnusable, err)
	}
	l := &lock{path: path, file: flock.New(path, flock.SetPermissions(private))}
	mine, err := l.file.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: locking it: %w", store.ErrUnusable, err)
	case !mine:
		return nil, fmt.Errorf("%w: %s is written by %s; a ledger has one writer: stop that one, or name another file (`report` reads it meanwhile)",
			store.ErrInUse, ledger, holderOf(path))
	}
	if err := l.sign(now); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: %w", store.ErrUnusable, err), l.release())
	}
	return l, nil
}

// lockPath is the same for every path that leads to the ledger over links.
func lockPath(ledger string) (string, error) {
	target, err := filepath.EvalSymlinks(ledger)
	if errors.Is(err, os.ErrNotExist) {
		var folder string
		folder, err = filepath.EvalSymlinks(filepath.Dir(ledger))
		target = filepath.Join(folder, filepath.Base(ledger))
	}
	if err != nil {
		return "", err
	}
	return target + lockSuffix, nil
}

// sign writes down who holds the lock.
func (l *lock) sign(now time.Time) error {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	text, err := json.Marshal(holder{PID: os.Getpid(), Host: host, Since: now.UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return os.WriteFile(l.path, append(text, '\n'), private)
}

// holderOf says in words who holds a lock.
func holderOf(path string) string {
	var h holder
	text, err := plainfile.Read(path, maxHolder)
	if err == nil {
		err = json.Unmarshal(text, &h)
	}
	if err != nil || h.PID == 0 {
		return "another process"
	}
	return fmt.Sprintf("process %d on host %s since %s", h.PID, h.Host, h.Since.Format(time.RFC3339))
}

// release gives the lock back. The file stays: removing it would let two
// processes lock two files of the same name.
func (l *lock) release() error {
	return errors.Join(os.Truncate(l.path, 0), l.file.Unlock())
}
