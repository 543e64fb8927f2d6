package lint

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/routes"
)

// ErrInput says that what is to be linted does not fit together.
var ErrInput = errors.New("this cannot be linted")

// Entry is an utterance of a route.
type Entry struct {
	// Route is empty for an utterance that fits none.
	Route     string
	Utterance string
	// Vector is the utterance's unit vector. Either all entries and evaluation
	// prompts have one, all of the same dimension, or none has: then what needs
	// vectors is not looked for.
	Vector []float32
	// At is where the utterance stands; the zero value means unknown.
	At routes.Position
}

// HeldOut is what a classifier that was trained without an entry says of it.
type HeldOut struct {
	Route string
	// Probability of Route, in [0, 1], and how far it is ahead of the second.
	Probability, Margin float64
}

// EvaluationPrompt is a labelled prompt that the catalog will be measured on.
type EvaluationPrompt struct {
	routes.Labelled
	// Vector is nil where the embedder cannot take the prompt; Failure says why.
	Vector  []float32
	Failure error
}

// Unembedded is an utterance that the embedder cannot take, and why.
type Unembedded struct {
	Entry
	Failure error
}

// Input is what Lint looks at.
type Input struct {
	Entries []Entry
	// Unembedded are the catalog's other utterances, which decide nothing.
	Unembedded []Unembedded
	// HeldOut has one prediction for each entry, or is empty: then what needs
	// predictions is not looked for.
	HeldOut []HeldOut
	// Evaluation is looked at for leakage; it may be empty.
	Evaluation []EvaluationPrompt
	// Unserved are routes that name no model in a catalog that forwards.
	Unserved []string
}

// Run looks for what makes decisions worse than they need be. Findings come
// in a fixed order: the gravest first, then by kind, route and utterance. It
// fails with ErrInput or the error of ctx.
func Run(ctx context.Context, in Input) ([]Finding, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	l := newLinter(in)
	l.duplicates()
	l.sizes()
	l.confusedRoutes()
	l.unserved()
	l.unembedded()
	l.exactLeaks()
	l.misplaced()
	if err := l.nearDuplicates(ctx); err != nil {
		return nil, err
	}
	if err := l.nearLeaks(ctx); err != nil {
		return nil, err
	}
	slices.SortStableFunc(l.findings, compareFindings)
	return l.findings, nil
}

// linter gathers findings.
type linter struct {
	Input
	normal   []string // the entries' utterances, normalised
	byRoute  map[string][]int
	names    []string // of the routes, sorted, without the empty one
	findings []Finding
}

func newLinter(in Input) *linter {
	l := &linter{Input: in, normal: make([]string, len(in.Entries)), byRoute: map[string][]int{}, findings: []Finding{}}
	for i := range in.Entries {
		e := &in.Entries[i]
		l.normal[i] = normalise(e.Utterance)
		if l.byRoute[e.Route] == nil && e.Route != "" {
			l.names = append(l.names, e.Route)
		}
		l.byRoute[e.Route] = append(l.byRoute[e.Route], i)
	}
	slices.Sort(l.names)
	return l
}

// about begins a finding on an entry.
func (l *linter) about(i int, kind FindingKind, severity Severity, message string, args ...any) Finding {
	e := &l.Entries[i]
	return Finding{
		Kind:      kind,
		Severity:  severity,
		Routes:    []string{e.Route},
		Utterance: e.Utterance,
		Position:  place(e.At),
		Message:   fmt.Sprintf(message, args...),
	}
}

func (l *linter) add(f Finding) { l.findings = append(l.findings, f) }

func (in *Input) check() error {
	if len(in.HeldOut) != 0 && len(in.HeldOut) != len(in.Entries) {
		return fmt.Errorf("%w: %d held-out predictions for %d utterances", ErrInput, len(in.HeldOut), len(in.Entries))
	}
	for i, h := range in.HeldOut {
		if !eval.IsProbability(h.Probability) {
			return fmt.Errorf("%w: the held-out probability of %s is %v", ErrInput, quoted(in.Entries[i].Utterance), h.Probability)
		}
	}
	dim := -1
	same := func(text string, v []float32) error {
		if dim < 0 {
			dim = len(v)
		}
		if len(v) != dim {
			return fmt.Errorf("%w: the vector of %s has %d components, others have %d", ErrInput, quoted(text), len(v), dim)
		}
		for _, x := range v {
			if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
				return fmt.Errorf("%w: the vector of %s is not finite", ErrInput, quoted(text))
			}
		}
		return nil
	}
	for i := range in.Entries {
		if err := same(in.Entries[i].Utterance, in.Entries[i].Vector); err != nil {
			return err
		}
	}
	for i := range in.Evaluation {
		if in.Evaluation[i].Failure != nil {
			continue
		}
		if err := same(in.Evaluation[i].Text, in.Evaluation[i].Vector); err != nil {
			return err
		}
	}
	return nil
}

func compareFindings(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Severity.rank(), b.Severity.rank()),
		strings.Compare(string(a.Kind), string(b.Kind)),
		slices.Compare(a.Routes, b.Routes),
		strings.Compare(a.Utterance, b.Utterance),
		a.Position.compare(b.Position),
		strings.Compare(a.Message, b.Message),
	)
}
