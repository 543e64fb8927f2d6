package memory

import (
	"errors"
	"fmt"
	"io/fs"
	"math"

	"github.com/semroute/semroute/internal/mapped"
	"github.com/semroute/semroute/internal/plainfile"
)

// load returns the state that the files hold, or nil when there are none or
// they are of another embedder.
func (d *store) load() (*state, error) {
	base, err := readFile(d.config.Path, d.config)
	if err != nil || base == nil {
		return nil, err
	}
	if base.parent != 0 {
		return nil, corrupt(d.config.Path, "it holds changes, not a base")
	}
	st := emptyState(d.config.Dimension, d.config.exactRows())
	st.base = base.segment
	d.base, d.sum = base.segment, base.sum
	if wanted := st.base.size() > st.exactRows; wanted != (st.base.ivf != nil || st.base.exactOnly) {
		// The bound was another when the file was written.
		st.base = buildBase(st.base.flattened(), emptySegment(d.config.Dimension), nil, st.exactRows)
	}
	changes, err := readFile(d.config.Path+changesSuffix, d.config)
	if err != nil || changes == nil || changes.parent != base.sum {
		return st, err
	}
	if err := st.amend(changes); err != nil {
		return nil, corrupt(d.config.Path+changesSuffix, "%v", err)
	}
	return st, nil
}

// amend applies changes that were read to a state of the base alone.
func (st *state) amend(c *decoded) error {
	if c.segment.ivf != nil {
		return errors.New("changes have lists")
	}
	st.delta = c.segment
	st.deleted = newBitmap(st.base.size())
	for _, row := range c.deleted {
		if row >= uint32(st.base.size()) || !st.deleted.set(st.base.position(int32(row))) {
			return fmt.Errorf("row %d of the base cannot be deleted", row)
		}
		st.deletedCount++
	}
	for row := range st.delta.size() {
		if old, ok := st.base.find(st.delta.key(row)); ok && !st.deleted.has(st.base.position(old)) {
			return fmt.Errorf("row %d replaces one that is not deleted", row)
		}
	}
	return nil
}

// readFile reads one file; nil when it is not there or of another embedder.
func readFile(path string, config Config) (*decoded, error) {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("memory index: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	about, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("memory index: %w", err)
	}
	size := about.Size()
	if size < headerSize || size > math.MaxInt {
		return nil, corrupt(path, "it has %d bytes", size)
	}
	data, memory, err := mapped.Read(file, int(size))
	if err != nil {
		return nil, fmt.Errorf("memory index: %w", err)
	}
	out, err := decode(data, config)
	if err != nil {
		return nil, corrupt(path, "%v", err)
	}
	if out != nil {
		out.segment.mapped = memory
	}
	return out, nil
}

func corrupt(path, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s; remove the file to build the index again", ErrCorrupt, path, fmt.Sprintf(format, args...))
}
