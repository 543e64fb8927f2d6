package eval

import (
	"testing"

	"github.com/semroute/semroute/eval/evaltest"
)

// judged are prompts with their labels and what was decided.
type judged = evaltest.Judged

func observations(list []judged) []observation { return observe(evaltest.Answered(list)) }

func ptr(v float64) *float64 { return &v }

func checkValue(t *testing.T, name string, got *float64, want *float64) {
	t.Helper()
	switch {
	case got == nil && want == nil:
	case got == nil || want == nil:
		t.Errorf("%s is %v, want %v", name, show(got), show(want))
	case *got < *want-1e-12 || *got > *want+1e-12:
		t.Errorf("%s is %v, want %v", name, *got, *want)
	}
}

func show(v *float64) any {
	if v == nil {
		return "undefined"
	}
	return *v
}
