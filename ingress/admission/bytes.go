package admission

import (
	"sync/atomic"
	"time"
)

// Bytes bounds what requests take in memory while they are received and answered,
// whatever their protocol. It is safe for concurrent use; nil bounds nothing.
type Bytes struct {
	most int64
	used atomic.Int64
}

// NewBytes makes a bound of so many bytes.
func NewBytes(most int64) *Bytes { return &Bytes{most: most} }

// retryBytes is when to ask again: most requests are over by then.
const retryBytes = time.Second

// Reserve takes room for n bytes, or fails with an *OverloadedError. A request that
// is larger than the bound has room where it is alone. release gives the room back,
// once.
func (b *Bytes) Reserve(n int64) (release func(), err error) {
	if b == nil || n <= 0 {
		return func() {}, nil
	}
	if used := b.used.Add(n); used > b.most && used != n {
		b.used.Add(-n)
		return nil, &OverloadedError{RetryAfter: retryBytes}
	}
	return func() { b.used.Add(-n) }, nil
}

// Used is how much is taken now.
func (b *Bytes) Used() int64 { return b.used.Load() }
