//go:build linux || darwin

package memory

import (
	"os"

	"golang.org/x/sys/unix"
)

// load returns the first size bytes of the file, mapped where that works.
func load(file *os.File, size int) ([]byte, *mapping, error) {
	data, err := unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		data, err = readAll(file, size) // some file systems cannot map
		return data, nil, err
	}
	return data, newMapping(data, func(b []byte) { _ = unix.Munmap(b) }), nil
}
