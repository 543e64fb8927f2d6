package memory

import "runtime"

// mapping is a file's content in memory that Go does not manage. It is given
// back when nothing refers to it any more, so whatever reads the bytes keeps
// the mapping alive until it is done.
type mapping struct{ data []byte }

func newMapping(data []byte, release func([]byte)) *mapping {
	m := &mapping{data: data}
	runtime.AddCleanup(m, release, data)
	return m
}

// keepMapped marks the end of a use of the vectors.
func (s *segment) keepMapped() { runtime.KeepAlive(s.mapped) }
