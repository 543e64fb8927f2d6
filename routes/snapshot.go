package routes

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/internal/wholefile"
)

// A snapshot is a catalog as it was read once, kept so that the next start need
// not parse YAML again. It holds what was read then (every file by its hash,
// every look at what is there) and counts only where all of that is still the
// same, for the same binary, folder and paths. Only catalogs without a problem
// are kept, so what is reported is never a snapshot's. One that is damaged, or
// cannot be written, costs the parsing and nothing else.

const (
	// minSnapshotBytes is what must be read for a snapshot to be worth its file:
	// parsing so much takes some ten milliseconds.
	minSnapshotBytes = 256 << 10
	// maxSnapshotBytes bounds the file; larger catalogs are read anew.
	maxSnapshotBytes = 1 << 30
)

// snapshotPath names the file for the paths of a catalog, as they are given in
// this folder: messages name files as they were given.
func snapshotPath(dir string, paths []string) (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, text := range append([]string{here}, paths...) {
		_, _ = fmt.Fprintf(sum, "%d:%s", len(text), text)
	}
	return filepath.Join(dir, "catalogs", hex.EncodeToString(sum.Sum(nil)[:12])+".snapshot"), nil
}

// thisBinary tells binaries apart that may read the same file differently.
func thisBinary() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	about, err := os.Stat(path)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %s %d %d", runtime.Version(), path, about.Size(), about.ModTime().UnixNano())
}

// fromSnapshot is the catalog of the file, nil where it does not count.
func fromSnapshot(path, binary string) *Catalog {
	data, err := plainfile.Read(path, maxSnapshotBytes)
	if err != nil {
		return nil
	}
	kept, err := decodeSnapshot(data)
	if err != nil || binary == "" || kept.Binary != binary {
		return nil
	}
	for _, in := range kept.Inputs {
		if again, err := in.again(); err != nil || again != in {
			return nil
		}
	}
	return kept.Catalog
}

// keepSnapshot writes the file. Whatever prevents it costs the next start time.
func keepSnapshot(path, binary string, inputs []input, c *Catalog) {
	data, err := encodeSnapshot(snapshot{Binary: binary, Inputs: inputs, Catalog: c})
	if err != nil || binary == "" || len(data) > maxSnapshotBytes || os.MkdirAll(filepath.Dir(path), 0o700) != nil {
		return
	}
	_ = wholefile.Replace(path, 0o600, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(data))
		return err
	})
}

// input is a thing that was looked at to read a catalog, and what was seen.
type input struct {
	// Kind is "content", "stat" or "list".
	Kind string
	Name string
	// Seen is a hash of a content or of a folder's names, or what there is.
	Seen string
}

// again looks at the thing once more.
func (in input) again() (input, error) {
	looked := &recorder{}
	switch in.Kind {
	case "stat":
		_, _ = looked.stat(in.Name) // that there is nothing is recorded too
	case "list":
		if _, err := looked.list(in.Name); err != nil {
			return input{}, err
		}
	default:
		file, err := looked.open(in.Name, MaxUtteranceFileBytes)
		if err != nil {
			return input{}, err
		}
		if _, err := io.Copy(io.Discard, file); err != nil {
			return input{}, err
		}
		if err := file.Close(); err != nil {
			return input{}, err
		}
	}
	if len(looked.inputs) != 1 {
		return input{}, nil
	}
	return looked.inputs[0], nil
}

// fileNames are the names of a folder's entries, and which are folders.
func fileNames(entries []os.DirEntry) string {
	var b strings.Builder
	for _, e := range entries {
		_, _ = fmt.Fprintf(&b, "%q %v\n", e.Name(), e.IsDir())
	}
	return b.String()
}
