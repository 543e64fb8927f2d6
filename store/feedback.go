package store

import (
	"context"
	"encoding/json"
	"time"
)

// maxFeedbackBytes bounds the body of one feedback.
const maxFeedbackBytes = 64 << 10

// FeedbackLog keeps what was said of decisions, also of those whose record is
// gone. It is durable when AddFeedback returns.
type FeedbackLog interface {
	// AddFeedback appends, unless its key was used before: then nothing changes.
	// It gives what is kept under the key, so that the caller sees whether
	// something else was. An ErrInvalid says what is wrong with f.
	AddFeedback(ctx context.Context, f Feedback) (Feedback, error)
	// Feedback lists in the order in which it was appended.
	Feedback(ctx context.Context, f FeedbackFilter) ([]Feedback, error)
}

// Feedback is something said of a decision. What, stands in Body.
type Feedback struct {
	// Seq is given by the store: what is appended later has a larger one, and
	// none appears later below one that was listed.
	Seq int64
	// Key makes it idempotent: 1 to 256 bytes.
	Key string
	// Decision is the id of the decision, 1 to 256 bytes; the store does not
	// know whether there was one.
	Decision string
	// Time is when it was said.
	Time time.Time
	// Body is one JSON object of at most 64 KiB.
	Body json.RawMessage
}

// FeedbackFilter says which feedback is listed; a zero field leaves out none.
type FeedbackFilter struct {
	// After leaves out all up to that Seq, to read on from there.
	After int64
	// Since and Before bound the time: not before, and before.
	Since, Before time.Time
	// Decision must be the feedback's.
	Decision string
	// Limit is how many there are at most; 0, and more, is MaxListed.
	Limit int
}

// Most is the limit in force.
func (f FeedbackFilter) Most() int { return most(f.Limit) }

// Check is nil for what can be kept, otherwise an ErrInvalid.
func (f *Feedback) Check() error {
	if err := checkName("key", f.Key); err != nil {
		return err
	}
	if err := checkName("decision", f.Decision); err != nil {
		return err
	}
	return checkJSON("body", f.Body, maxFeedbackBytes)
}
