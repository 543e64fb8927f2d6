package lint

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	// thinRoute is the number of utterances below which a route is thin: with
	// fewer, each utterance left out costs points of accuracy.
	thinRoute = 15
	// unbalancedBy is how many times the median a route is too large, or too small.
	unbalancedBy = 5
)

// sizes finds routes with too few utterances, or far fewer or more than most.
func (l *linter) sizes() {
	if len(l.names) == 0 {
		return
	}
	counts := make([]int, len(l.names))
	for i, name := range l.names {
		counts[i] = len(l.byRoute[name])
	}
	slices.Sort(counts)
	median := counts[len(counts)/2]
	for _, name := range l.names {
		switch n := len(l.byRoute[name]); {
		case n < thinRoute:
			l.add(Finding{Kind: KindThin, Severity: SeverityWarning, Routes: []string{name}, Message: fmt.Sprintf(
				"%q has %s; add at least %d more, worded as users would", name, counted(n, "utterance"), thinRoute-n)})
		case n*unbalancedBy < median:
			l.add(Finding{Kind: KindUnbalanced, Severity: SeverityWarning, Routes: []string{name}, Message: fmt.Sprintf(
				"%q has %d utterances where the median route has %d; add some, or prompts will be drawn to the larger routes", name, n, median)})
		case n > median*unbalancedBy:
			l.add(Finding{Kind: KindUnbalanced, Severity: SeverityInfo, Routes: []string{name}, Message: fmt.Sprintf(
				"%q has %d utterances where the median route has %d; it may draw prompts from the others: split it, or keep its most different utterances", name, n, median)})
		}
	}
}

const (
	// confusedEachWay is the share of a route's utterances that must be taken
	// for the other, both ways, and confusedTogether that of both routes' ones.
	confusedEachWay  = 0.1
	confusedTogether = 0.15
)

// pair is two routes, taken is an utterance of the first that was taken for
// the second.
type pair struct{ of, takenFor string }

// confusedRoutes finds pairs of routes whose utterances are taken for each
// other, both ways.
func (l *linter) confusedRoutes() {
	counts, example, pairs := map[pair]int{}, map[pair]int{}, []pair{}
	for i, h := range l.HeldOut {
		p := pair{l.Entries[i].Route, h.Route}
		if p.of == "" || p.takenFor == "" || p.of == p.takenFor || len(l.byRoute[p.takenFor]) == 0 {
			continue
		}
		if counts[p] == 0 {
			example[p] = i
			pairs = append(pairs, p)
		}
		counts[p]++
	}
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(strings.Compare(a.of, b.of), strings.Compare(a.takenFor, b.takenFor))
	})
	for _, p := range pairs {
		back := pair{p.takenFor, p.of}
		if p.of < p.takenFor && l.areConfused(p, counts[p], counts[back]) {
			l.add(Finding{Kind: KindConfused, Severity: SeverityWarning, Routes: []string{p.of, p.takenFor}, Message: fmt.Sprintf(
				"%q and %q cannot be told apart: %d of %d utterances of the first are taken for the second (%s) and %d of %d the other way (%s); merge them, or add utterances that show the difference",
				p.of, p.takenFor, counts[p], len(l.byRoute[p.of]), quoted(l.Entries[example[p]].Utterance),
				counts[back], len(l.byRoute[p.takenFor]), quoted(l.Entries[example[back]].Utterance))})
		}
	}
}

func (l *linter) areConfused(p pair, there, back int) bool {
	of, other := len(l.byRoute[p.of]), len(l.byRoute[p.takenFor])
	return there > 0 && back > 0 &&
		float64(there) >= confusedEachWay*float64(of) &&
		float64(back) >= confusedEachWay*float64(other) &&
		float64(there+back) >= confusedTogether*float64(of+other)
}

// unserved finds routes whose calls could go nowhere.
func (l *linter) unserved() {
	for _, name := range l.Unserved {
		l.add(Finding{Kind: KindUnserved, Severity: SeverityWarning, Routes: []string{name}, Message: fmt.Sprintf(
			"%q names no models, so its prompts cannot be forwarded; give it `models:`, or leave the catalog's models out to decide only", name)})
	}
}

func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// list joins quoted names: "a", "b" and "c".
func list(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = named(name).String()
	}
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
