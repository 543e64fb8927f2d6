package drift

import (
	"errors"
	"fmt"

	"github.com/semroute/semroute/learn/edetect"
	"github.com/semroute/semroute/routes"
)

// Number is how one of the watched numbers is doing.
type Number struct {
	Kind  Kind   `json:"kind"`
	Route string `json:"route,omitempty"`
	// Reference is its mean in the reference; within Band nothing has changed.
	Reference float64      `json:"reference"`
	Band      edetect.Band `json:"band"`
	// Window is its mean over the last decisions.
	Window float64 `json:"window"`
	// Evidence is how far the case for a change has come on the way to an alarm, in
	// [0, 1] on a logarithmic scale.
	Evidence float64 `json:"evidence"`
	Alarming bool    `json:"alarming"`
}

// Numbers are all that are watched.
func (w *Watch) Numbers() []Number {
	out := make([]Number, len(w.streams))
	for i := range w.streams {
		s := &w.streams[i]
		out[i] = Number{
			Kind: s.kind, Route: s.route, Reference: s.Reference, Band: s.Band(), Window: w.window.mean(s),
			Evidence: w.group.Evidence(s.Stream), Alarming: s.Alarming(),
		}
	}
	return out
}

// Result is what became of new prompts held against old ones.
type Result struct {
	Reference *routes.Reference `json:"-"`
	// Old and New count the prompts, LeftOut those that say nothing because a rule
	// decided them or they are empty.
	Old     int `json:"n_old"`
	New     int `json:"n_new"`
	LeftOut int `json:"n_left_out"`
	// RunLength is the least expected number of prompts between false alarms.
	RunLength float64 `json:"run_length"`
	// Alarms are in the order in which they began; Prompt is the number of the new
	// prompt, from 1.
	Alarms []Signal `json:"alarms"`
	// Numbers have the means over all new prompts as Window.
	Numbers []Number `json:"numbers"`
}

// LeastReference is how few decisions make a reference; of fewer nothing could be
// said.
const LeastReference = 30

// ErrTooFew: there are fewer than LeastReference old decisions, or no new ones.
var ErrTooFew = errors.New("too few prompts to compare")

// Compare holds new decisions, in their order, against old ones. It fails with
// ErrTooFew.
func Compare(before, after []Observation, config Config) (*Result, error) {
	if len(before) < LeastReference || len(after) == 0 {
		return nil, fmt.Errorf("%w: %d old ones, where at least %d are needed, and %d new ones", ErrTooFew, len(before), LeastReference, len(after))
	}
	var old Tally
	for i := range before {
		old.Add(&before[i])
	}
	config = config.withDefaults()
	config.Window = max(1, len(after))
	w := Watching(old.Reference(routes.FromPrompts), config)
	out := &Result{Reference: w.Reference(), Old: len(before), New: len(after), RunLength: config.RunLength, Alarms: []Signal{}}
	for i := range after {
		for _, s := range w.Observe(&after[i]) {
			if !s.Over {
				out.Alarms = append(out.Alarms, s)
			}
		}
	}
	out.Numbers = w.Numbers()
	return out, nil
}
