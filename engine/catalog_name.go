package engine

import (
	"fmt"
	"path/filepath"
	"strings"
)

// CatalogName tells what is kept of different catalogs apart: by where their
// files lie, from whatever folder they are named.
func CatalogName(paths []string) (string, error) {
	absolute := make([]string, len(paths))
	for i, path := range paths {
		var err error
		if absolute[i], err = filepath.Abs(path); err != nil {
			return "", fmt.Errorf("catalog %s: %w", path, err)
		}
	}
	return strings.Join(absolute, "\x00"), nil
}
