package wire

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/semroute/semroute/forward"
)

const (
	// maxBody bounds an answer on the wire; the answer itself is bounded by the
	// forwarder, every piece of it is wrapped in a few hundred bytes.
	maxBody = 1 << 30
	// grace is how long is waited in all for what may follow the end of an
	// answer: its usage, and the end of the stream. What comes does not extend it.
	grace = 2 * time.Second
	// drain and maxDrain bound how long is waited, and how much is read, so that
	// the connection can be used again.
	drain    = 20 * time.Millisecond
	maxDrain = 16 << 10
)

// body is the body of an answer. Its failures are UpstreamErrors, or the
// context's own.
type body struct {
	from   io.ReadCloser
	ctx    context.Context // the caller's, to tell a cancelled read from a broken one
	cancel context.CancelFunc
	left   int64

	hurried  bool          // the answer is complete, what follows is waited for briefly
	patience time.Duration // how long reads may still wait, when hurried
	whole    bool
}

// hurry says that the answer is complete.
func (b *body) hurry() {
	if !b.hurried {
		b.hurried, b.patience = true, grace
	}
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.read(p)
	b.left -= int64(n)
	b.whole = b.whole || errors.Is(err, io.EOF)
	switch {
	case b.left < 0:
		return n, &forward.UpstreamError{Class: forward.TooLarge, Message: "the answer is larger than is read"}
	case err == nil, errors.Is(err, io.EOF):
		return n, err
	case b.ctx.Err() != nil:
		return n, context.Cause(b.ctx)
	case b.hurried: // a complete answer is not spoilt by what becomes of its connection
		return n, io.EOF
	}
	return n, &forward.UpstreamError{Class: forward.Reset, Message: err.Error()}
}

func (b *body) read(p []byte) (int, error) {
	if !b.hurried {
		return b.from.Read(p)
	}
	if b.patience <= 0 {
		return 0, io.EOF
	}
	began := time.Now()
	stop := time.AfterFunc(b.patience, b.cancel)
	n, err := b.from.Read(p)
	stop.Stop()
	b.patience -= time.Since(began)
	return n, err
}

// close ends the answer. The connection is used again when the little that may
// follow a complete answer is there.
func (b *body) close() {
	if b.hurried && !b.whole && b.patience > 0 && b.ctx.Err() == nil {
		b.patience = min(b.patience, drain)
		_, _ = io.CopyN(io.Discard, b, maxDrain)
	}
	_ = b.from.Close()
	b.cancel()
}
