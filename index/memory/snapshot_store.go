package memory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/semroute/semroute/internal/wholefile"
)

// store keeps a state in two files: the base, and beside it what has changed
// since, so that a small change of a large index writes little. A crash leaves
// the old or the new state: changes name the base they belong to, and count as
// not there beside any other.
type store struct {
	config Config
	base   *segment // what the base file holds; nil when nothing of ours
	sum    uint32   // the base file's checksum
}

const changesSuffix = ".changes"

// save writes what the files do not hold yet, and returns the state with a base
// that lies in its file rather than in memory that Go manages.
func (d *store) save(st *state) (*state, error) {
	if err := d.write(st); err != nil {
		return nil, fmt.Errorf("memory index: %w: %w", ErrNotKept, err)
	}
	return d.mapped(st), nil
}

// mapped maps the base that was just written. With lists that would cost more
// than it saves; where it fails the state is as good as it was.
func (d *store) mapped(st *state) *state {
	if st.base.mapped != nil || st.base.ivf != nil || st.base.size() == 0 {
		return st
	}
	held, err := readFile(d.config.Path, d.config)
	if err != nil || held == nil || held.sum != d.sum || held.segment.mapped == nil {
		return st
	}
	next := *st
	next.base, d.base = held.segment, held.segment
	return &next
}

func (d *store) write(st *state) error {
	if st.base != d.base {
		d.base = nil
		sum, err := d.file(d.config.Path, contents{segment: st.base})
		if err != nil {
			return err
		}
		d.base, d.sum = st.base, sum
	}
	if st.delta.size() == 0 && st.deletedCount == 0 {
		return removeFile(d.config.Path + changesSuffix)
	}
	_, err := d.file(d.config.Path+changesSuffix, contents{segment: st.delta, deleted: st.deletedRows(), parent: d.sum})
	return err
}

func (d *store) file(path string, c contents) (sum uint32, err error) {
	err = replaceFile(path, func(w io.Writer) error {
		sum, err = encode(w, c, d.config.Fingerprint)
		return err
	})
	return sum, err
}

// deletedRows lists the deleted rows of the base in order.
func (st *state) deletedRows() []int32 {
	var rows []int32
	for row := range st.base.size() {
		if st.deleted.has(st.base.position(row)) {
			rows = append(rows, row)
		}
	}
	return rows
}

// Discard removes the snapshot at path, so that the next Open starts empty. A
// snapshot that is not there is no error.
func Discard(path string) error {
	if err := errors.Join(removeFile(path), removeFile(path+changesSuffix)); err != nil {
		return fmt.Errorf("memory index: %w: %w", ErrNotKept, err)
	}
	return nil
}

func removeFile(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// replaceFile replaces a file so that the new one lasts.
func replaceFile(path string, write func(io.Writer) error) error {
	if err := wholefile.Replace(path, 0o600, write); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename last through a power failure.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = folder.Close() }() // nothing was written through it
	return folder.Sync()
}
