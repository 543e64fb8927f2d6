//go:build linux || darwin

package mapped

import (
	"os"

	"golang.org/x/sys/unix"
)

// mapFile maps the file; some file systems cannot.
func mapFile(file *os.File, size int) ([]byte, *Memory, bool) {
	data, err := unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, nil, false
	}
	return data, newMemory(data, func(b []byte) { _ = unix.Munmap(b) }), true
}
