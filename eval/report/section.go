package report

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"github.com/semroute/semroute/eval"
)

// What a page shows of the long lists; the JSON form has all.
const (
	shownConfusions = 60
	shownWrong      = 500
	shownRunes      = 600 // of one text
)

// section is one result as the page shows it.
type section struct {
	ID, Name string
	Result   *eval.Result
	Tiles    []tile
	Outcomes []outcome
	// Degraded is the share of degraded decisions, empty when there are none.
	Degraded   string
	Figures    []figure
	Confusions []eval.Confusion
	Routes     []eval.RouteMeasures // the worst first
	Wrong      []eval.Wrong
	// MoreConfusions and MoreWrong count what is not shown.
	MoreConfusions, MoreWrong int
	Kinds                     []kindCount
}

// tile is a headline number.
type tile struct{ Name, Value, Note string }

// outcome is a bar that shows what became of a kind of prompts.
type outcome struct {
	Name  string
	N     int
	Parts []part
}

type part struct {
	Class, Name string
	N           int
	Share       string
}

// figure is a plot with the words under it.
type figure struct {
	Title string
	Plot  template.HTML
	Note  string
}

// kindCount says how many wrong prompts are of a kind.
type kindCount struct {
	Kind eval.WrongKind
	Name string
	N    int
}

func newSection(i int, named Named) (section, error) {
	r := named.Result
	s := section{
		ID:         fmt.Sprintf("set-%d", i+1),
		Name:       named.Name,
		Result:     r,
		Tiles:      tiles(r),
		Outcomes:   outcomes(r),
		Confusions: r.Confusions[:min(len(r.Confusions), shownConfusions)],
		Routes:     worstFirst(r.PerRoute),
		Wrong:      r.Errors[:min(len(r.Errors), shownWrong)],
		Kinds:      kinds(r),
	}
	if d := r.Degraded; d != nil && *d > 0 {
		s.Degraded = percent(d)
	}
	s.MoreConfusions = len(r.Confusions) - len(s.Confusions)
	s.MoreWrong = len(r.Errors) - len(s.Wrong)
	var err error
	s.Figures, err = figures(r)
	return s, err
}

// worstFirst orders routes by f1.
func worstFirst(routes []eval.RouteMeasures) []eval.RouteMeasures {
	sorted := slices.Clone(routes)
	slices.SortStableFunc(sorted, func(a, b eval.RouteMeasures) int {
		return cmp.Compare(a.F1, b.F1)
	})
	return sorted
}

func tiles(r *eval.Result) []tile {
	list := []tile{
		{"Accuracy", percent(r.Accuracy), "the leading route is right, nothing refused"},
		{"Accepted and right", percent(r.InScopeAccuracy), "of the prompts that fit a route"},
		{"Precision", percent(r.Precision), "of the decisions that name a route"},
		{"Coverage", percent(r.Coverage), "of all prompts get a route"},
		{"Calibration error", percent(r.ECE), "between confidence and accuracy (ECE)"},
		{"Macro F1", percent(r.MacroF1), "every route counts the same"},
	}
	if r.NOutOfScope > 0 {
		list = append(list,
			tile{"Out of scope refused", percent(r.OOSRecall), "of the prompts that fit no route"},
			tile{"Out-of-scope AUROC", fixed3(r.OOSAUROC), "how well confidence tells both apart; 1 is perfect"})
	}
	if b := r.Robustness; b != nil {
		list = append(list,
			tile{"Flips under a typo", percent(&b.TypoFlips), fmt.Sprintf("of %d prompts lead to another route", b.N)},
			tile{"Flips under case", percent(&b.CaseFlips), "all upper or all lower case"})
	}
	return append(list,
		tile{"Embedder spared", percent(r.EmbedCallsSaved), "decided by a rule or the static stage"},
		tile{"Median latency", duration(r.Latency.P50), fmt.Sprintf("99 of 100 within %s, one at a time", duration(r.Latency.P99))})
}

func fixed3(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.3f", *v)
}

// duration writes microseconds with the unit that suits them.
func duration(us float64) string {
	switch {
	case us < 1000:
		return fmt.Sprintf("%.0f µs", us)
	case us < 1e6:
		return fmt.Sprintf("%.1f ms", us/1e3)
	}
	return fmt.Sprintf("%.1f s", us/1e6)
}

// outcomes are what became of the prompts in scope and out of scope.
func outcomes(r *eval.Result) []outcome {
	counts := map[eval.WrongKind]int{}
	for i := range r.Errors {
		counts[r.Errors[i].Kind]++
	}
	var list []outcome
	if n := r.NInScope; n > 0 {
		wrong, abstained := counts[eval.WrongRoute], counts[eval.WrongAbstained]
		list = append(list, outcome{"Prompts that fit a route", n, parts(n,
			part{Class: "good", Name: "right route", N: n - wrong - abstained},
			part{Class: "unsure", Name: "no route", N: abstained},
			part{Class: "bad", Name: "wrong route", N: wrong})})
	}
	if n := r.NOutOfScope; n > 0 {
		accepted := counts[eval.WrongAccepted]
		list = append(list, outcome{"Prompts that fit none", n, parts(n,
			part{Class: "good", Name: "refused", N: n - accepted},
			part{Class: "bad", Name: "given a route", N: accepted})})
	}
	return list
}

func parts(of int, list ...part) []part {
	for i := range list {
		list[i].Share = percent(eval.Share(list[i].N, of))
	}
	return list
}

func kinds(r *eval.Result) []kindCount {
	list := []kindCount{
		{Kind: eval.WrongRoute, Name: "wrong route"},
		{Kind: eval.WrongAccepted, Name: "out of scope, given a route"},
		{Kind: eval.WrongAbstained, Name: "given no route"},
	}
	for i := range list {
		for k := range r.Errors {
			if r.Errors[k].Kind == list[i].Kind {
				list[i].N++
			}
		}
	}
	return list
}
