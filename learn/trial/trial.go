// Package trial compares the models of routes whose calls are shared out by
// weights: which of them leads to more successes, and how sure that is.
//
// The comparison may be looked at after every outcome, and be ended when it is
// sure, without becoming wrong more often than said: the test is an e-process (the
// sequential test of two Bernoulli streams by Turner, Ly and Grünwald, "Generic
// E-variables for exact sequential k-sample tests that allow for optional
// stopping", 2024), and the intervals of the shares are confidence sequences by the
// mixture of Robbins (1970) over a beta prior. A user keeps to a model, so their
// outcomes hang together: each counts once, by the first.
package trial

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// Outcome is what became of one call.
type Outcome struct {
	Route string
	// Model is the one that the call was assigned to, whoever answered it.
	Model string
	// User is "" where nobody was named; then the call stands for itself.
	User    string
	Success bool
}

// Arms are the models of a route with their weights.
type Arms map[string]int

// Certainty is how sure a comparison must be: with an equal share of successes a
// model is called better with a probability of at most 1 - Certainty, however often
// it is looked at.
const Certainty = 0.95

// Result is a comparison on one route.
type Result struct {
	Route string
	Arms  []Arm // by model
	Pairs []Pair
	// Repeated outcomes were left out: their user had one before.
	Repeated int64
}

// Arm is how a model does.
type Arm struct {
	Model        string
	Weight       int
	N, Successes int64
	// Low and High are the bounds of its share of successes, at any time, with a
	// probability of Certainty for each arm.
	Low, High float64
}

// Share is that of the successes, 0 without any outcome.
func (a *Arm) Share() float64 { return float64(a.Successes) / float64(max(1, a.N)) }

// Pair compares two models.
type Pair struct {
	Better, Worse string
	// E speaks against an equal share: it is at least 1 / (1 - Certainty), times the
	// number of pairs, with a probability of at most 1 - Certainty.
	E float64
	// Certain says that it has reached that.
	Certain bool
}

// Compare sums up the outcomes, in the order in which they came, for the routes
// that have at least two arms of a weight above 0. Outcomes of others are left out.
func Compare(arms map[string]Arms, outcomes []Outcome) []Result {
	routes := map[string]*route{}
	for name, weights := range arms {
		if r := newRoute(name, weights); r != nil {
			routes[name] = r
		}
	}
	for i := range outcomes {
		if r := routes[outcomes[i].Route]; r != nil {
			r.add(&outcomes[i])
		}
	}
	out := []Result{}
	for _, name := range slices.Sorted(maps.Keys(routes)) {
		out = append(out, routes[name].result())
	}
	return out
}

// route is the comparison on one route.
type route struct {
	name     string
	arms     map[string]*Arm
	order    []string
	pairs    []*pair
	users    map[string]bool
	repeated int64
}

func newRoute(name string, weights Arms) *route {
	r := &route{name: name, arms: map[string]*Arm{}, users: map[string]bool{}}
	for _, model := range slices.Sorted(maps.Keys(weights)) {
		if weights[model] > 0 {
			r.arms[model] = &Arm{Model: model, Weight: weights[model]}
			r.order = append(r.order, model)
		}
	}
	for i, a := range r.order {
		for _, b := range r.order[i+1:] {
			r.pairs = append(r.pairs, newPair(r.arms[a], r.arms[b]))
		}
	}
	if len(r.pairs) == 0 {
		return nil
	}
	return r
}

func (r *route) add(o *Outcome) {
	arm := r.arms[o.Model]
	if arm == nil {
		return
	}
	if o.User != "" {
		if r.users[o.User] {
			r.repeated++
			return
		}
		r.users[o.User] = true
	}
	arm.N++
	if o.Success {
		arm.Successes++
	}
	for _, p := range r.pairs {
		p.add(o.Model, o.Success)
	}
}

func (r *route) result() Result {
	out := Result{Route: r.name, Repeated: r.repeated}
	for _, model := range r.order {
		arm := *r.arms[model]
		arm.Low, arm.High = interval(arm.Successes, arm.N, 1-Certainty)
		out.Arms = append(out.Arms, arm)
	}
	needed := float64(len(r.pairs)) / (1 - Certainty)
	for _, p := range r.pairs {
		better, worse := r.arms[p.a.model], r.arms[p.b.model]
		if worse.Share() > better.Share() {
			better, worse = worse, better
		}
		e := math.Exp(min(700, p.best))
		out.Pairs = append(out.Pairs, Pair{Better: better.Model, Worse: worse.Model, E: math.Exp(min(700, p.log)), Certain: e >= needed})
	}
	slices.SortStableFunc(out.Pairs, func(x, y Pair) int { return cmp.Compare(y.E, x.E) })
	return out
}
