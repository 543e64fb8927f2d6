package eval

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/semroute/semroute/routes"
)

// Errors of the data that is to be measured.
var (
	// ErrNoPrompts: there is nothing to measure.
	ErrNoPrompts = errors.New("the data holds no prompts")
	// ErrUnknownLabels: prompts are labelled with routes that the catalog lacks.
	ErrUnknownLabels = errors.New("the data names routes that the catalog lacks")
)

// maxUnknown bounds how many unknown labels an error lists.
const maxUnknown = 20

// UnknownLabels says what is done with prompts whose label the catalog lacks.
type UnknownLabels string

// The settings of UnknownLabels.
const (
	// UnknownRefused fails with ErrUnknownLabels; so does the empty value.
	UnknownRefused UnknownLabels = "error"
	// UnknownWrong keeps them: no decision on them is right.
	UnknownWrong UnknownLabels = "wrong"
	// UnknownSkipped leaves them out.
	UnknownSkipped UnknownLabels = "skip"
)

// Unknown says which labels the catalog lacks and how many prompts have them.
type Unknown struct {
	Treated UnknownLabels  `json:"treated"` // wrong or skip
	Prompts int            `json:"prompts"`
	Labels  map[string]int `json:"labels"`
}

// settle gives the prompts that are to be measured, and what was found among
// them that the catalog lacks; nil where there is nothing.
func (u UnknownLabels) settle(prompts []routes.Labelled, known []string) ([]routes.Labelled, *Unknown, error) {
	err := CheckLabels(prompts, known)
	if !errors.Is(err, ErrUnknownLabels) || u != UnknownWrong && u != UnknownSkipped {
		return prompts, nil, err
	}
	found := &Unknown{Treated: u, Labels: map[string]int{}}
	var kept []routes.Labelled
	for _, p := range prompts {
		if p.Route == "" || slices.Contains(known, p.Route) {
			kept = append(kept, p)
			continue
		}
		found.Prompts++
		found.Labels[p.Route]++
	}
	if u == UnknownWrong {
		return prompts, found, nil
	}
	if len(kept) == 0 {
		return nil, nil, ErrNoPrompts
	}
	return kept, found, nil
}

// CheckLabels says whether there are prompts and whether every label is one of
// the known routes or empty. The error lists each unknown label once, with how
// often and where it stands and the nearest known name.
func CheckLabels(prompts []routes.Labelled, known []string) error {
	if len(prompts) == 0 {
		return ErrNoPrompts
	}
	isKnown := make(map[string]bool, len(known))
	for _, name := range known {
		isKnown[name] = true
	}
	counts := map[string]int{}
	var unknown []routes.Labelled
	for _, p := range prompts {
		if p.Route == "" || isKnown[p.Route] {
			continue
		}
		if counts[p.Route]++; counts[p.Route] == 1 {
			unknown = append(unknown, p)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fmt.Errorf("%w:%s", ErrUnknownLabels, listUnknown(unknown, counts, known))
}

func listUnknown(unknown []routes.Labelled, counts map[string]int, known []string) string {
	slices.SortStableFunc(unknown, func(a, b routes.Labelled) int { return strings.Compare(a.Route, b.Route) })
	var b strings.Builder
	for i, p := range unknown {
		if i == maxUnknown {
			fmt.Fprintf(&b, "\n  and %d more", len(unknown)-i)
			break
		}
		fmt.Fprintf(&b, "\n  %q (%d×", p.Route, counts[p.Route])
		if p.Line > 0 {
			fmt.Fprintf(&b, ", first in line %d", p.Line)
		}
		b.WriteByte(')')
		if near, ok := routes.Nearest(p.Route, known); ok {
			fmt.Fprintf(&b, "; did you mean %q?", near)
		}
	}
	return b.String()
}
