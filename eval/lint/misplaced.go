package lint

import "github.com/semroute/semroute/internal/vec"

// An utterance is said to belong elsewhere only where all of these agree: most
// that a classifier doubts are right where they stand, and moving them does harm.
// The bounds were chosen on BANKING77's training prompts with labels changed at
// random, and tried on those of CLINC150 and HWU64.
const (
	// surelyElsewhere is the probability of the other route that the held-out
	// vote must give, and farAhead its margin.
	surelyElsewhere = 0.9
	farAhead        = 0.8
	// nearerBy is how small the distance to the nearest utterance of the other
	// route must be, as a share of that to the nearest one of its own. Distances
	// are 1 - cosine.
	nearerBy = 0.45
	// strangersNearer is how many utterances of other routes must be nearer than
	// the nearest one of its own.
	strangersNearer = 8
	// votingRoute is the number of utterances below which a route's own say little.
	votingRoute = 5
)

// misplaced finds utterances that stand in the wrong route: a classifier that was
// trained without them is sure of another one, and its utterances are nearer by
// far. Without vectors nothing is said.
func (l *linter) misplaced() {
	if !l.hasVectors() {
		return
	}
	for i, h := range l.HeldOut {
		e := &l.Entries[i]
		if h.Route == "" || e.Route == "" || h.Route == e.Route || len(l.byRoute[e.Route]) < votingRoute ||
			h.Probability < surelyElsewhere || h.Margin < farAhead || !l.neighboursAgree(i, h.Route) {
			continue
		}
		f := l.about(i, KindOutlier, SeverityWarning,
			"%s stands in %s, but the other utterances put it into %s (%.0f %%); move it there, or add more like it to %s",
			quoted(e.Utterance), named(e.Route), named(h.Route), 100*min(h.Probability, 1), named(e.Route))
		f.Routes = []string{e.Route, h.Route}
		l.add(f)
	}
}

// neighboursAgree says that the utterances nearest to entry i speak for another
// route, and none for its own.
func (l *linter) neighboursAgree(i int, other string) bool {
	e := &l.Entries[i]
	similarities := make([]float32, len(l.Entries))
	own, best := float32(-1), float32(-1)
	for k := range l.Entries {
		s := min(vec.Dot(e.Vector, l.Entries[k].Vector), 1)
		similarities[k] = s
		switch {
		case k == i:
		case l.Entries[k].Route == e.Route:
			own = max(own, s)
		case l.Entries[k].Route == other:
			best = max(best, s)
		}
	}
	nearer := 0
	for k, s := range similarities {
		if k != i && s > own {
			nearer++
		}
	}
	return nearer >= strangersNearer && 1-best <= nearerBy*(1-own)
}
