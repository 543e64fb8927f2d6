package routes

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/semroute/semroute/internal/plainfile"
)

// The bounds of what is read.
const (
	// MaxCatalogBytes is the largest catalog file: some 200,000 utterances. More
	// belong into utterance files, which are read line by line.
	MaxCatalogBytes = 16 << 20
	// MaxUtteranceFileBytes is the largest .txt or .jsonl file of utterances.
	MaxUtteranceFileBytes = 1 << 30
	// MaxUtterances is how many utterances a catalog may hold.
	MaxUtterances = 10_000_000
	// MaxUtteranceBytes is the largest utterance.
	MaxUtteranceBytes = 8 << 10
	// MaxNameBytes is the longest name of a model, route, rule or budget.
	MaxNameBytes = 200
)

// tree is where files are read from: the machine or an fs.FS.
type tree interface {
	// open opens a plain file of at most limit bytes.
	open(name string, limit int64) (io.ReadCloser, error)
	stat(name string) (fs.FileInfo, error)
	list(dir string) ([]fs.DirEntry, error)
	// beside names a file that the file at name refers to.
	beside(name, reference string) string
	join(dir, name string) string
	// inside is errOutside for a file that does not lie in the folder, links
	// followed. What is not there is inside: reading it says that.
	inside(dir, name string) error
}

// errOutside: a catalog names a file that is not its own.
var errOutside = errors.New("it lies outside of the catalog's folder; move it there, or allow it with --catalog-outside")

// machine reads the machine's own files.
type machine struct{}

func (machine) open(name string, limit int64) (io.ReadCloser, error) {
	return plainfile.Open(name, limit)
}
func (machine) stat(name string) (fs.FileInfo, error)  { return os.Stat(name) }
func (machine) list(dir string) ([]fs.DirEntry, error) { return os.ReadDir(dir) }
func (machine) join(dir, name string) string           { return filepath.Join(dir, name) }
func (machine) beside(name, reference string) string {
	if filepath.IsAbs(reference) {
		return filepath.Clean(reference)
	}
	return filepath.Join(filepath.Dir(name), filepath.FromSlash(reference))
}

func (machine) inside(dir, name string) error {
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		target = filepath.Clean(name)
	}
	folder, err := filepath.EvalSymlinks(dir)
	if err != nil {
		folder = filepath.Clean(dir)
	}
	relative, err := filepath.Rel(folder, target)
	if err != nil || !filepath.IsLocal(relative) {
		return errOutside
	}
	return nil
}

// within reads the files of an fs.FS.
type within struct{ fsys fs.FS }

func (w within) open(name string, limit int64) (io.ReadCloser, error) {
	return plainfile.OpenFS(w.fsys, path.Clean(name), limit)
}
func (w within) stat(name string) (fs.FileInfo, error)  { return fs.Stat(w.fsys, path.Clean(name)) }
func (w within) list(dir string) ([]fs.DirEntry, error) { return fs.ReadDir(w.fsys, path.Clean(dir)) }
func (within) inside(string, string) error              { return nil } // it has no outside
func (within) join(dir, name string) string             { return path.Join(dir, name) }
func (within) beside(name, reference string) string     { return path.Join(path.Dir(name), reference) }

// nowhere holds no files: a catalog that was parsed from memory can refer to none.
type nowhere struct{ within }

var errNowhere = errors.New("this catalog was not read from a file, so it cannot refer to others")

// A key is read by whoever makes calls, so its file is where it is.
func (nowhere) beside(_, reference string) string { return filepath.Clean(reference) }

func (nowhere) open(string, int64) (io.ReadCloser, error) { return nil, errNowhere }
func (nowhere) stat(string) (fs.FileInfo, error)          { return nil, errNowhere }
func (nowhere) list(string) ([]fs.DirEntry, error)        { return nil, errNowhere }

// readWhole reads a file of at most limit bytes.
func readWhole(t tree, name string, limit int64) (data []byte, err error) {
	f, err := t.open(name, limit)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return plainfile.ReadAll(f, name, limit)
}

// reason is an error's text without the path that the position already names.
func reason(err error) string {
	var pathError *fs.PathError
	if !errors.As(err, &pathError) {
		return err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "there is no such file"
	}
	return pathError.Err.Error()
}
