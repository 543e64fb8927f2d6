//go:build !linux && !darwin

package memory

import "os"

// load returns the first size bytes of the file.
func load(file *os.File, size int) ([]byte, *mapping, error) {
	data, err := readAll(file, size)
	return data, nil, err
}
