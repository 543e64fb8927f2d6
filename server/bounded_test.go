package server

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestBoundedEndsAtItsDeadline(t *testing.T) {
	for name, wait := range map[string]func(*bounded){
		"while somebody waits": func(b *bounded) { <-b.Done() },
		"while nobody does":    func(*bounded) { time.Sleep(2 * time.Millisecond) },
	} {
		t.Run(name, func(t *testing.T) {
			b := boundedBy(t.Context(), time.Millisecond)
			defer b.cancel()
			if _, ok := b.Deadline(); !ok {
				t.Error("it has no deadline")
			}
			wait(b)
			if err := b.Err(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

func TestBoundedEndsWithItsCaller(t *testing.T) {
	for _, waits := range []bool{false, true} {
		parent, stop := context.WithCancel(t.Context())
		b := boundedBy(parent, time.Hour)
		if b.Err() != nil {
			t.Fatal("it has ended already")
		}
		if waits {
			_ = b.Done()
		}
		stop()
		if err := b.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("waited for: %v; after its caller ended: %v", waits, err)
		}
		b.cancel()
	}
}

func TestBoundedEndsWhenCancelled(t *testing.T) {
	before, after := boundedBy(t.Context(), time.Hour), boundedBy(t.Context(), time.Hour)
	done := before.Done()
	before.cancel()
	after.cancel()
	for _, b := range []*bounded{before, after} {
		if err := b.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled, it says %v", err)
		}
		<-b.Done()
	}
	<-done
}

func TestBoundedPassesItsEndOn(t *testing.T) {
	b := boundedBy(t.Context(), time.Millisecond)
	defer b.cancel()
	child, stop := context.WithCancel(b)
	defer stop()
	<-child.Done()
	if err := child.Err(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the child ended with %v", err)
	}
}
