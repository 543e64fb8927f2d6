// Package mapped reads files in place: their bytes are mapped into memory where
// the system can, which costs neither a copy nor room that the garbage
// collector counts, and read into memory otherwise. It does not look at them.
//
// A file that was replaced as a whole while it is mapped, as wholefile does,
// keeps its old content here; one that is shortened in place ends the process.
package mapped

import (
	"io"
	"os"
	"runtime"
)

// Memory is memory that Go does not manage. It is given back when nothing
// refers to its Memory any more, so whoever holds bytes of it also holds the
// Memory, and calls Keep when a use of them is over. nil stands for memory that
// Go manages.
type Memory struct{ data []byte }

// Keep marks the end of a use of the bytes.
func (m *Memory) Keep() { runtime.KeepAlive(m) }

func newMemory(data []byte, release func([]byte)) *Memory {
	m := &Memory{data: data}
	runtime.AddCleanup(m, release, data)
	return m
}

// Read returns the first size bytes of the file, at least one, which may be
// closed then. They must not be changed.
func Read(file *os.File, size int) ([]byte, *Memory, error) {
	if data, m, ok := mapFile(file, size); ok {
		return data, m, nil
	}
	data := make([]byte, size)
	_, err := io.ReadFull(io.NewSectionReader(file, 0, int64(size)), data)
	return data, nil, err
}
