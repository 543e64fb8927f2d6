package filewatch

import (
	"context"
	"time"
)

const (
	// quiet is how long nothing must happen before it is told what has: an editor
	// writes a file in several steps, and several files one after another.
	quiet = 200 * time.Millisecond
	// longest bounds the wait where it never is quiet.
	longest = 2 * time.Second
)

// coalesce calls tell after events, once it is quiet, until ctx ends. Events
// during a call are told of afterwards.
func coalesce(ctx context.Context, events <-chan struct{}, tell func()) {
	timer := time.NewTimer(longest)
	timer.Stop()
	defer timer.Stop()
	var first time.Time // of the events that are still to be told of
	for {
		select {
		case <-ctx.Done():
			return
		case <-events:
			now := time.Now()
			if first.IsZero() {
				first = now
			}
			timer.Reset(min(quiet, first.Add(longest).Sub(now)))
		case <-timer.C:
			first = time.Time{}
			tell()
		}
	}
}
