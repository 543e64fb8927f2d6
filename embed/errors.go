package embed

import (
	"context"
	"errors"
	"fmt"
)

// Errors that every implementation wraps where they apply.
var (
	// ErrModelMissing: the server does not have the model; the text says how
	// to get it.
	ErrModelMissing = errors.New("embedding model is missing")
	// ErrUnreachable: the embedding server does not answer; the text names its
	// address.
	ErrUnreachable = errors.New("embedding server is unreachable")
	// ErrCircuitOpen: the embedding server failed so often that it is not asked
	// until it answers a probe. It comes with the failure that was the last.
	ErrCircuitOpen = errors.New("circuit is open")
	// ErrServer: the server answered that it cannot do it, busy or broken; the
	// same call may succeed later. It comes with ErrEmbed.
	ErrServer = errors.New("the embedding server failed")
	// ErrModelChanged: the model behind the name is no longer the one that
	// this embedder was opened with, so its vectors no longer fit the index.
	ErrModelChanged = errors.New("embedding model has changed")
	// ErrEmbed: the server answered, but not with usable vectors.
	ErrEmbed = errors.New("embedding failed")
)

// RetryMayHelp says whether the same call may succeed later: nobody answered
// in time, or the server was busy, loading or broken. A missing model, a
// changed one and a bad address need somebody to do something.
func RetryMayHelp(err error) bool {
	if errors.Is(err, ErrModelMissing) || errors.Is(err, ErrModelChanged) {
		return false
	}
	return errors.Is(err, ErrUnreachable) || errors.Is(err, ErrServer) || errors.Is(err, context.DeadlineExceeded)
}

// TextsError says which texts of a call could not be embedded although the
// embedder works: asked alone they failed, and a harmless one did not. The
// Batch beside it has the vectors of all other texts and nil for these. It is
// an ErrEmbed.
type TextsError struct {
	Failed []FailedText // ordered by Index; at least one
}

// FailedText is one text of a call and why it has no vector.
type FailedText struct {
	Index int // its place in the call
	Err   error
}

// Error names places and the first reason. It does not repeat the texts, which
// may be prompts.
func (e *TextsError) Error() string {
	first := e.Failed[0]
	if len(e.Failed) == 1 {
		return fmt.Sprintf("%v: text %d: %v", ErrEmbed, first.Index, first.Err)
	}
	return fmt.Sprintf("%v: %d texts, the first is text %d: %v", ErrEmbed, len(e.Failed), first.Index, first.Err)
}

// Unwrap implements errors.Is and errors.As.
func (e *TextsError) Unwrap() error { return ErrEmbed }

// Of is why the text at index failed, nil when it did not. A nil e is that of
// a call in which none failed.
func (e *TextsError) Of(index int) error {
	if e == nil {
		return nil
	}
	for _, failed := range e.Failed {
		if failed.Index == index {
			return failed.Err
		}
	}
	return nil
}

// Within is the part of e about the texts from start to end, counted from
// start; nil when none of them failed.
func (e *TextsError) Within(start, end int) error {
	if e == nil {
		return nil
	}
	var part TextsError
	for _, failed := range e.Failed {
		if start <= failed.Index && failed.Index < end {
			part.Failed = append(part.Failed, FailedText{Index: failed.Index - start, Err: failed.Err})
		}
	}
	if len(part.Failed) == 0 {
		return nil
	}
	return &part
}

// textsFailed is the TextsError in err, nil when there is none.
func textsFailed(err error) *TextsError {
	var some *TextsError
	errors.As(err, &some)
	return some
}
