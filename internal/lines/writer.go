// Package lines is a writer for log lines that costs the callers no system
// call: lines gather in memory and go out together, within a moment and in
// order. It promises that nothing is lost as long as Close is called, that
// whoever writes faster than the destination takes is made to wait, and that
// warnings and errors are out before their call returns. It leaves to its
// callers what a line says.
package lines

import (
	"io"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

const (
	// full is how much gathers before it goes out at once.
	full = 32 << 10
	// moment is how long a line may stay in memory.
	moment = 20 * time.Millisecond
)

// Writer gathers lines. It is safe for concurrent use.
type Writer struct {
	to io.Writer

	mu      sync.Mutex // protects the fields below
	pending []byte
	timer   *time.Timer // runs while something is pending
	err     error       // of an earlier write; told once
}

var _ zerolog.LevelWriter = (*Writer)(nil)

// NewWriter gathers lines for a destination, which only it may write to.
func NewWriter(to io.Writer) *Writer { return &Writer{to: to} }

// Write takes one whole line. An error is that of an earlier line's way out.
func (w *Writer) Write(line []byte) (int, error) { return w.WriteLevel(zerolog.NoLevel, line) }

// WriteLevel implements zerolog.LevelWriter. What is a warning or worse goes out
// at once, with all before it.
func (w *Writer) WriteLevel(level zerolog.Level, line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pending = append(w.pending, line...)
	urgent := level >= zerolog.WarnLevel && level <= zerolog.PanicLevel
	switch {
	case urgent || len(w.pending) >= full:
		w.flush()
	case w.timer == nil:
		w.timer = time.AfterFunc(moment, w.late)
	}
	err := w.err
	w.err = nil
	return len(line), err
}

// late sends out what has been waiting.
func (w *Writer) late() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
}

// flush writes what is pending. The lock is held.
func (w *Writer) flush() {
	if w.timer != nil {
		w.timer.Stop()
		w.timer = nil
	}
	if len(w.pending) == 0 {
		return
	}
	if _, err := w.to.Write(w.pending); err != nil {
		w.err = err
	}
	w.pending = w.pending[:0]
}

// Close sends out what is pending. Lines written afterwards still go out.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	err := w.err
	w.err = nil
	return err
}
