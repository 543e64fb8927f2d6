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
