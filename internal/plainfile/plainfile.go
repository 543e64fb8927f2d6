// Package plainfile opens the files that a user names. It promises that opening
// never waits and reading ends: what is no plain file (a folder, a pipe, a
// device, a socket) or is larger than the caller allows is an error that says
// so. Symbolic links are followed, as mounted configuration needs. What is in
// the file is left to the caller.
package plainfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"syscall"
)

var (
	// ErrNotPlain: there is something of that name, but no file with content.
	ErrNotPlain = errors.New("not a plain file")
	// ErrTooLarge: the file has more bytes than may be read.
	ErrTooLarge = errors.New("too large")
)

// AnySize is the limit of files whose size the caller bounds otherwise.
const AnySize = math.MaxInt64

// Check looks at what is there without opening it. Its errors are those of Open.
func Check(path string, limit int64) error {
	about, err := os.Stat(path)
	if err != nil {
		return err
	}
	return check(path, about, limit)
}

// Open opens a file of at most limit bytes for reading. The error is a
// *fs.PathError around ErrNotPlain, ErrTooLarge or the system's own.
func Open(path string, limit int64) (*os.File, error) {
	// Looking first keeps devices untouched, for which opening may mean something.
	if err := Check(path, limit); err != nil {
		return nil, err
	}
	// Whatever has taken the name since: without waiting, and looked at again.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	about, err := file.Stat()
	if err == nil {
		err = check(path, about, limit)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// OpenFS is Open in a file system.
func OpenFS(fsys fs.FS, path string, limit int64) (fs.File, error) {
	about, err := fs.Stat(fsys, path)
	if err == nil {
		err = check(path, about, limit)
	}
	if err != nil {
		return nil, err
	}
	return fsys.Open(path)
}

// Read reads a whole file of at most limit bytes. Errors are those of Open and
// of reading.
func Read(path string, limit int64) (data []byte, err error) {
	file, err := Open(path, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return ReadAll(file, path, limit)
}

// ReadAll reads what is left of an open file that may grow meanwhile, at most
// limit bytes.
func ReadAll(r io.Reader, path string, limit int64) ([]byte, error) {
	if limit < AnySize {
		r = io.LimitReader(r, limit+1)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, tooLarge(path, limit)
	}
	return data, nil
}

func check(path string, about fs.FileInfo, limit int64) error {
	if !about.Mode().IsRegular() {
		return refuse(path, fmt.Errorf("%w but %s", ErrNotPlain, kind(about.Mode())))
	}
	if about.Size() > limit {
		return tooLarge(path, limit)
	}
	return nil
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

func tooLarge(path string, limit int64) error {
	size, unit := limit, "bytes"
	switch {
	case limit >= 1<<20 && limit%(1<<20) == 0:
		size, unit = limit>>20, "MiB"
	case limit >= 1<<10 && limit%(1<<10) == 0:
		size, unit = limit>>10, "KiB"
	}
	return refuse(path, fmt.Errorf("%w: a file of this kind has at most %d %s", ErrTooLarge, size, unit))
}

func refuse(path string, err error) error { return &fs.PathError{Op: "open", Path: path, Err: err} }
