// Package changed notices that small files have changed, such as certificates
// and keys that somebody replaces under a running server. It promises to look at
// most once a second and to need no goroutine: whoever uses what is in the files
// asks.
package changed

import (
	"os"
	"sync"
	"time"
)

// every is how often the files are looked at.
const every = time.Second

// File notices changes of some files. It is safe for concurrent use.
type File struct {
	paths []string
	now   func() time.Time

	mu     sync.Mutex
	looked time.Time
	seen   []state
}

// state is what a change would show in. Links are followed: those that
// Kubernetes swaps lead to another file.
type state struct {
	size    int64
	changed time.Time
	file    os.FileInfo
}

// New watches files, which need not be there; now is the clock, nil time.Now.
func New(now func() time.Time, paths ...string) *File {
	if now == nil {
		now = time.Now
	}
	return &File{paths: paths, now: now}
}

// Changed says whether some file is another than when Changed said so last. The
// first time it is true.
func (f *File) Changed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if f.seen != nil && now.Sub(f.looked) < every && !now.Before(f.looked) {
		return false
	}
	f.looked = now
	current := make([]state, len(f.paths))
	for i, path := range f.paths {
		if about, err := os.Stat(path); err == nil {
			current[i] = state{size: about.Size(), changed: about.ModTime(), file: about}
		}
	}
	before := f.seen
	f.seen = current
	if before == nil {
		return true
	}
	for i := range current {
		if !current[i].same(before[i]) {
			return true
		}
	}
	return false
}

func (s state) same(other state) bool {
	if s.file == nil || other.file == nil {
		return s.file == other.file
	}
	return s.size == other.size && s.changed.Equal(other.changed) && os.SameFile(s.file, other.file)
}
