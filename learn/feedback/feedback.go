package feedback

import (
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// The kinds of failure; the text says what to do.
var (
	// ErrInvalid: the feedback says nothing, or contradicts itself.
	ErrInvalid = errors.New("feedback cannot be taken")
	// ErrUnknownDecision: no record of the decision is kept.
	ErrUnknownDecision = errors.New("no record of this decision is kept")
	// ErrKeyUsed: the key was used before, for something else.
	ErrKeyUsed = errors.New("the idempotency key was used for other feedback")
)

// Verdict says whether the decision chose the right route.
type Verdict string

// The verdicts; "" is none.
const (
	Right Verdict = "right"
	Wrong Verdict = "wrong"
)

// Thumbs is what a user thinks of the answer, whatever the route.
type Thumbs string

// The thumbs; "" is none.
const (
	Up   Thumbs = "up"
	Down Thumbs = "down"
)

// Source is who says it.
type Source string

// The sources.
const (
	User  Source = "user"
	Judge Source = "judge"
)

// Feedback is something said of one decision. Of Verdict, Right, Thumbs and
// Score at least one must be there.
type Feedback struct {
	// Decision is the id of the decision.
	Decision string
	Verdict  Verdict
	// RightRoute is the right one where somebody says so; "" where none fits.
	// Without a Verdict it gives one.
	RightRoute *string
	Thumbs     Thumbs
	// Score of the answer, in [0, 1]; nil for none.
	Score *float64
	// Comment has at most 4 KiB.
	Comment string
	Source  Source
	// Sampled: the decision was drawn to be judged, whatever became of it.
	Sampled bool
	// Key makes it idempotent, at most 200 bytes; "" is made of all the rest.
	Key string
	// Time is when it was taken.
	Time time.Time
	// Of is what was decided, as the record had it.
	Of Decision
}

// Decision is the decision that feedback is about.
type Decision struct {
	// Route is "" for none. Promised: the router chose it because it was sure
	// enough, not by a rule.
	Route       string    `json:"route"`
	Promised    bool      `json:"promised,omitempty"`
	Confidence  float64   `json:"confidence"`
	Fingerprint string    `json:"fingerprint,omitempty"`
	Model       string    `json:"model,omitempty"`
	Time        time.Time `json:"time"`
}

const (
	maxComment = 4096
	maxKey     = 200
	maxName    = 256
)

// check says what is wrong with what a caller sends.
func (f *Feedback) check() error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
	}
	switch {
	case f.Decision == "" || len(f.Decision) > maxName || !utf8.ValidString(f.Decision):
		return wrong("decision_id must have 1 to %d bytes: it stands in every decision", maxName)
	case f.Verdict == "" && f.RightRoute == nil && f.Thumbs == "" && f.Score == nil:
		return wrong("say right or wrong, the right route, thumbs up or down, or a score")
	case f.Verdict != "" && f.Verdict != Right && f.Verdict != Wrong:
		return wrong("the verdict is right or wrong, not %q", f.Verdict)
	case f.Thumbs != "" && f.Thumbs != Up && f.Thumbs != Down:
		return wrong("thumbs are up or down, not %q", f.Thumbs)
	case f.Source != User && f.Source != Judge:
		return wrong("the source is user or judge, not %q", f.Source)
	case f.Score != nil && (math.IsNaN(*f.Score) || *f.Score < 0 || *f.Score > 1):
		return wrong("the score is between 0 and 1, not %v", *f.Score)
	case f.RightRoute != nil && (len(*f.RightRoute) > maxName || !utf8.ValidString(*f.RightRoute)):
		return wrong("the right route has at most %d bytes", maxName)
	case len(f.Comment) > maxComment || !utf8.ValidString(f.Comment):
		return wrong("the comment has at most %d bytes of UTF-8", maxComment)
	case len(f.Key) > maxKey || !utf8.ValidString(f.Key):
		return wrong("the idempotency key has at most %d bytes of UTF-8", maxKey)
	}
	return nil
}

// settle holds what was said against what was decided.
func (f *Feedback) settle() error {
	if f.RightRoute == nil {
		return nil
	}
	verdict := Wrong
	if *f.RightRoute == f.Of.Route {
		verdict = Right
	}
	if f.Verdict != "" && f.Verdict != verdict {
		return fmt.Errorf("%w: it is called %s and %s is said to be the right route, but %s was chosen",
			ErrInvalid, f.Verdict, named(*f.RightRoute), named(f.Of.Route))
	}
	f.Verdict = verdict
	return nil
}

func named(route string) string {
	if route == "" {
		return "none"
	}
	return fmt.Sprintf("%q", route)
}
