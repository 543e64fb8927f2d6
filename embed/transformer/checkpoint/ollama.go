package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/semroute/semroute/internal/plainfile"
)

const (
	ollamaRegistry  = "registry.ollama.ai"
	ollamaNamespace = "library"
	ollamaTag       = "latest"
	ollamaWeights   = "application/vnd.ollama.image.model"
	mostManifest    = 4 << 20
)

// ollamaPart is what a part of a name may be: one element of a path.
var (
	ollamaPart   = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	ollamaDigest = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
)

// FindOllama gives the GGUF file of a model that Ollama has pulled, by the name
// that `ollama list` shows, out of the folder where Ollama keeps models.
func FindOllama(models, name string) (string, error) {
	place, err := ollamaManifest(name)
	if err != nil {
		return "", err
	}
	path := filepath.Join(models, "manifests", place)
	data, err := plainfile.Read(path, mostManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: Ollama keeps no %s in %s: run: ollama pull %s", ErrCheckpoint, name, models, name)
	}
	if err != nil {
		return "", err
	}
	var manifest struct {
		Layers []struct {
			Kind   string `json:"mediaType"`
			Digest string
		}
	}
	if err := json.Unmarshal(data, &manifest); err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrCheckpoint, path, err)
	}
	for _, layer := range manifest.Layers {
		if layer.Kind != ollamaWeights {
			continue
		}
		if !ollamaDigest.MatchString(layer.Digest) {
			return "", fmt.Errorf("%w: %s: digest: %.80q is none", ErrCheckpoint, path, layer.Digest)
		}
		return filepath.Join(models, "blobs", strings.Replace(layer.Digest, ":", "-", 1)), nil
	}
	return "", fmt.Errorf("%w: %s names no weights", ErrCheckpoint, path)
}

// ollamaManifest is the place of a manifest: registry/namespace/model/tag.
func ollamaManifest(name string) (string, error) {
	whole, tag := name, ollamaTag
	if colon := strings.LastIndexByte(name, ':'); colon > strings.LastIndexByte(name, '/') {
		whole, tag = name[:colon], name[colon+1:]
	}
	parts := strings.Split(whole, "/")
	switch len(parts) {
	case 1:
		parts = []string{ollamaRegistry, ollamaNamespace, parts[0]}
	case 2:
		parts = []string{ollamaRegistry, parts[0], parts[1]}
	case 3:
	default:
		return "", fmt.Errorf("%w: %q is no name of an Ollama model", ErrCheckpoint, name)
	}
	parts = append(parts, tag)
	for _, part := range parts {
		if !ollamaPart.MatchString(part) {
			return "", fmt.Errorf("%w: %q is no name of an Ollama model", ErrCheckpoint, name)
		}
	}
	return filepath.Join(parts...), nil
}
