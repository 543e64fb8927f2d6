package transformer

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/modelfile"
	"github.com/semroute/semroute/internal/mapped"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/internal/wholefile"
)

// ErrConfig is what errors about Config wrap.
var ErrConfig = errors.New("transformer embedder: bad setting")

// ollamaScheme marks a path as the name of a model that Ollama keeps.
const ollamaScheme = "ollama:"

// Open opens a model. One that is not in the cache folder is converted first,
// which takes about a second for each 100 MB. What is wrong with the model's files
// is a checkpoint.ErrCheckpoint; a cache folder that cannot be written is no error.
func Open(ctx context.Context, c Config) (*Embedder, error) {
	if c.Compiled != nil {
		file, err := modelfile.ParseTrusted(c.Compiled)
		if err != nil {
			return nil, fmt.Errorf("compiled-in model: %w", err)
		}
		return newEmbedder(file, nil, c)
	}
	place, err := find(c.Path)
	if err != nil {
		return nil, err
	}
	if c.CacheDir == "" {
		return convertHere(place, c)
	}
	kept, err := place.keptAs(c.CacheDir)
	if err != nil {
		return nil, err
	}
	if file, memory, err := load(kept); err == nil {
		return newEmbedder(file, memory, c)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := place.convertTo(kept); err != nil {
		if errors.Is(err, checkpoint.ErrCheckpoint) {
			return nil, err
		}
		return convertHere(place, c) // the folder may be read-only or full
	}
	file, memory, err := load(kept)
	if err != nil {
		return nil, err
	}
	return newEmbedder(file, memory, c)
}

// place is where a model's own files are.
type place struct {
	path     string
	isFolder bool
}

// find resolves Config.Path.
func find(path string) (place, error) {
	if path == "" {
		return place{}, fmt.Errorf("%w: model path: give a folder, a GGUF file or ollama:NAME", ErrConfig)
	}
	if name, ok := strings.CutPrefix(path, ollamaScheme); ok {
		folder, err := ollamaFolder(name)
		if err != nil {
			return place{}, err
		}
		if path, err = checkpoint.FindOllama(folder, name); err != nil {
			return place{}, err
		}
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return place{}, err
	}
	about, err := os.Stat(absolute)
	if err != nil {
		return place{}, fmt.Errorf("%w: model path: %w", ErrConfig, err)
	}
	return place{path: absolute, isFolder: about.IsDir()}, nil
}

// ollamaFolder is where Ollama keeps models: OLLAMA_MODELS or the folder of the
// user's own server; that of the service of Linux where only that one is there.
func ollamaFolder(name string) (string, error) {
	if folder := os.Getenv("OLLAMA_MODELS"); folder != "" {
		return folder, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("%w: where does Ollama keep %s? set OLLAMA_MODELS: %w", ErrConfig, name, err)
	}
	own := filepath.Join(home, ".ollama", "models")
	const service = "/usr/share/ollama/.ollama/models"
	if _, err := os.Stat(own); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(service); err == nil {
			return service, nil
		}
	}
	return own, nil
}

func (p place) open() (*checkpoint.Checkpoint, error) {
	if p.isFolder {
		return checkpoint.OpenFolder(p.path)
	}
	return checkpoint.OpenGGUF(p.path)
}

// write converts the model.
func (p place) write(to io.Writer) (err error) {
	c, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return modelfile.Write(to, c, 8)
}

// folderOfModels is where a cache folder has converted models.
const folderOfModels = "encoders"

// keptAs is where the converted model lies in a cache folder: under a name that
// is another one when a file of the model has another size or time of change.
func (p place) keptAs(cache string) (string, error) {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%d %q\n", modelfile.Version, p.path)
	err := filepath.WalkDir(p.path, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.Count(path[len(p.path):], string(filepath.Separator)) > 2 {
			return fs.SkipDir // a model's settings are not so deep
		}
		about, err := os.Stat(path) // of what a link points to
		if err != nil {
			return fmt.Errorf("%w: model path: %w", ErrConfig, err)
		}
		if about.Mode().IsRegular() {
			_, _ = fmt.Fprintf(sum, "%q %d %d\n", path, about.Size(), about.ModTime().UnixNano())
		}
		return nil
	})
	return filepath.Join(cache, folderOfModels, fmt.Sprintf("%x.srm", sum.Sum(nil)[:16])), err
}

func (p place) convertTo(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return wholefile.Replace(path, 0o600, p.write)
}

// convertHere converts the model into memory.
func convertHere(p place, c Config) (*Embedder, error) {
	var data bytes.Buffer
	if err := p.write(&data); err != nil {
		return nil, err
	}
	file, err := modelfile.Parse(data.Bytes())
	if err != nil {
		return nil, err
	}
	return newEmbedder(file, nil, c)
}

// load maps a converted model.
func load(path string) (*modelfile.File, *mapped.Memory, error) {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written through it
	about, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if about.Size() == 0 {
		return nil, nil, modelfile.ErrFile
	}
	data, memory, err := mapped.Read(file, int(about.Size()))
	if err != nil {
		return nil, nil, err
	}
	model, err := modelfile.Parse(data)
	return model, memory, err
}
