package measure

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// four are benchmarks of which one has nothing to measure and one fails.
func four() []Benchmark {
	row := Plain("x", Single(1), "")
	gives := func(rows Rows, err error) func(context.Context) (Rows, error) {
		return func(context.Context) (Rows, error) { return rows, err }
	}
	return []Benchmark{
		{Name: "first", About: "a row", Run: gives(Rows{row}, nil)},
		{Name: "lacking", About: "no peer", Run: gives(nil, Skip("it is not installed"))},
		{Name: "broken", About: "fails on the way", Run: gives(Rows{row}, errors.New("boom"))},
		{Name: "last", About: "a row", Run: gives(Rows{row}, nil)},
	}
}

func TestRunTellsWhatCouldNotBeMeasured(t *testing.T) {
	var progress bytes.Buffer
	rows, err := Run(t.Context(), four(), &progress)
	if err == nil || !strings.Contains(err.Error(), "broken: boom") || strings.Contains(err.Error(), "lacking") {
		t.Errorf("got %v; want what is broken, not what is lacking", err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, r.Name+" "+r.Note)
	}
	want := []string{"x ", "lacking skipped: it is not installed", "x ", "broken failed: boom", "x "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if !strings.Contains(progress.String(), "lacking: skipped") {
		t.Errorf("progress is silent about it: %q", progress.String())
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	all := four()
	all[0].Run = func(context.Context) (Rows, error) { cancel(); return nil, errors.New("interrupted") }
	all[1].Run = func(context.Context) (Rows, error) { t.Error("it goes on"); return nil, nil }
	if _, err := Run(ctx, all, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		only []string
		want string
		err  error
	}{
		{nil, "first lacking broken last", nil},
		{[]string{"last", "first"}, "first last", nil},
		{[]string{"last", "speed"}, "", ErrUnknown},
	} {
		chosen, err := Choose(four(), tt.only)
		var names []string
		for _, b := range chosen {
			names = append(names, b.Name)
		}
		if got := strings.Join(names, " "); got != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("%v: %q, %v; want %q, %v", tt.only, got, err, tt.want, tt.err)
		}
	}
}
