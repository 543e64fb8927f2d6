package drift_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// source draws decisions on prompts of ten routes, a share of which belongs to a
// subject that none of them knows.
type source struct {
	random  *rand.Rand
	unknown float64
}

func (s *source) draw() drift.Observation {
	r := s.random
	if r.Float64() < s.unknown {
		o := drift.Observation{Confidence: 0.5 * r.Float64(), Similarity: 0.3 + 0.3*r.Float64()}
		if r.Float64() < 0.15 {
			o.Route, o.Confidence = fmt.Sprintf("route %d", r.IntN(10)), 0.7+0.3*r.Float64()
		}
		return o
	}
	o := drift.Observation{Route: fmt.Sprintf("route %d", min(r.IntN(10), r.IntN(10))), Confidence: 0.8 + 0.2*r.Float64(), Similarity: 0.6 + 0.4*r.Float64()}
	if r.Float64() < 0.05 {
		o.Route, o.Confidence = "", 0.4*r.Float64()
	}
	return o
}

func (s *source) reference(n int) *routes.Reference {
	var t drift.Tally
	for range n {
		o := s.draw()
		t.Add(&o)
	}
	return t.Reference(routes.FromPrompts)
}

// begun counts the alarms that begin.
func begun(signals []drift.Signal) (n int) {
	for i := range signals {
		if !signals[i].Over {
			n++
		}
	}
	return n
}

// TestFalseAlarmsAreAsRareAsPromised is the short form of what clinc_test.go
// measures on real prompts.
func TestFalseAlarmsAreAsRareAsPromised(t *testing.T) {
	const streams, length, promised = 100, 5_000, 50_000
	alarms := 0
	for seed := range uint64(streams) {
		s := source{random: rand.New(rand.NewPCG(seed, 1))}
		w := drift.Watching(s.reference(1000), drift.Config{RunLength: promised})
		for range length {
			o := s.draw()
			alarms += begun(w.Observe(&o))
		}
	}
	t.Logf("%d alarms in %d unshifted decisions", alarms, streams*length)
	if alarms > streams*length/promised {
		t.Errorf("%d false alarms in %d decisions, promised one in %d at most", alarms, streams*length, promised)
	}
}

func TestAnUnknownTopicIsNoticed(t *testing.T) {
	const streams, before, within = 50, 500, 300
	worst := 0
	for seed := range uint64(streams) {
		s := source{random: rand.New(rand.NewPCG(seed, 2))}
		w := drift.Watching(s.reference(2000), drift.Config{})
		for range before {
			o := s.draw()
			w.Observe(&o)
		}
		s.unknown = 0.2
		after := 0
		for after < 1000 {
			after++
			o := s.draw()
			if begun(w.Observe(&o)) > 0 {
				break
			}
		}
		worst = max(worst, after)
	}
	t.Logf("a fifth of unknown prompts is noticed after %d at the latest", worst)
	if worst > within {
		t.Errorf("noticed after %d prompts, want %d", worst, within)
	}
}

func TestWhatMovesIsNamed(t *testing.T) {
	steady := drift.Observation{Route: "a", Confidence: 0.9, Similarity: 0.8}
	reference := &routes.Reference{
		From: routes.FromPrompts, Prompts: 1000, Confidence: routes.Moments{Mean: 0.9, Deviation: 0.1},
		Similarity: routes.Moments{Mean: 0.8, Deviation: 0.1}, Abstained: 0, Shares: map[string]float64{"a": 1, "b": 0},
	}
	tests := []struct {
		name   string
		change func(*drift.Observation)
		kind   drift.Kind
		route  string
		rising bool
	}{
		{"less sure", func(o *drift.Observation) { o.Confidence = 0.5 }, drift.Confidence, "", false},
		{"farther away", func(o *drift.Observation) { o.Similarity = 0.4 }, drift.Similarity, "", false},
		{"no route", func(o *drift.Observation) { o.Route = "" }, drift.Abstention, "", true},
		{"another route", func(o *drift.Observation) { o.Route = "b" }, drift.Share, "b", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := drift.Watching(reference, drift.Config{})
			for range 3000 {
				if s := w.Observe(&steady); len(s) > 0 {
					t.Fatalf("alarm without a change: %+v", s)
				}
			}
			moved := steady
			tt.change(&moved)
			found := map[drift.Kind]drift.Signal{}
			for range 500 {
				for _, s := range w.Observe(&moved) {
					if s.Kind != drift.Share || s.Route == tt.route {
						found[s.Kind] = s
					}
				}
			}
			got, ok := found[tt.kind]
			if !ok || got.Route != tt.route || got.Rising != tt.rising || got.Over {
				t.Errorf("signals %+v, want one of %s %q, rising %v", found, tt.kind, tt.route, tt.rising)
			}
		})
	}
}

func TestAnAlarmIsToldOnceAndEnds(t *testing.T) {
	s := source{random: rand.New(rand.NewPCG(3, 3))}
	w := drift.Watching(s.reference(2000), drift.Config{})
	count := func(n int) (began, over int) {
		for range n {
			o := s.draw()
			for _, signal := range w.Observe(&o) {
				if signal.Kind != drift.Abstention {
					continue
				}
				if signal.Over {
					over++
				} else {
					began++
				}
			}
		}
		return began, over
	}
	s.unknown = 0.3
	if began, over := count(20_000); began != 1 || over != 0 {
		t.Errorf("while it lasts: %d beginnings, %d ends; want one and none", began, over)
	}
	s.unknown = 0
	if began, over := count(20_000); began != 0 || over != 1 {
		t.Errorf("after it: %d beginnings, %d ends; want none and one", began, over)
	}
}

func TestSharesAreLearntWhereTheReferenceHasNone(t *testing.T) {
	s := source{random: rand.New(rand.NewPCG(4, 4))}
	reference := s.reference(2000)
	reference.From, reference.Shares = routes.FromUtterances, nil
	w := drift.Watching(reference, drift.Config{Learn: 1000})
	for range 1000 {
		o := s.draw()
		w.Observe(&o)
	}
	learnt := w.Reference().Shares
	if len(learnt) != 10 || learnt["route 0"] < 0.1 {
		t.Fatalf("learnt %v", learnt)
	}
	for range 2000 {
		o := s.draw()
		if o.Route != "" {
			o.Route = "route 9"
		}
		for _, signal := range w.Observe(&o) {
			if signal.Kind == drift.Share && signal.Route == "route 9" && signal.Rising {
				return
			}
		}
	}
	t.Error("a route that takes over is not noticed")
}

func TestAWatchIsContinued(t *testing.T) {
	for name, shares := range map[string]bool{"with shares": true, "with learnt shares": false} {
		t.Run(name, func(t *testing.T) {
			s := source{random: rand.New(rand.NewPCG(6, 6))}
			reference := s.reference(2000)
			if !shares {
				reference.Shares = nil
			}
			one := drift.Watching(reference, drift.Config{Learn: 100})
			s.unknown = 0.1
			for range 300 {
				o := s.draw()
				one.Observe(&o)
			}
			data, err := json.Marshal(one.State())
			if err != nil {
				t.Fatal(err)
			}
			var state drift.State
			if err := json.Unmarshal(data, &state); err != nil {
				t.Fatal(err)
			}
			other := drift.Resumed(state, drift.Config{Learn: 100})
			a, b := one.Numbers(), other.Numbers()
			if len(a) < 10 || len(a) != len(b) || other.Prompts() != 300 {
				t.Fatalf("%d and %d numbers after %d prompts", len(a), len(b), other.Prompts())
			}
			for i := range a {
				a[i].Window, b[i].Window = 0, 0
			}
			if diff := cmp.Diff(a, b, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	}
}

func TestOnlyDecisionsThatShowTheirPromptAreLookedAt(t *testing.T) {
	tests := map[string]struct {
		decision router.Decision
		want     bool
	}{
		"chosen":    {router.Decision{Route: "a", Stage: router.StageSemantic}, true},
		"abstained": {router.Decision{Abstained: true, Stage: router.StageFallback, Reason: router.ReasonFar}, true},
		"a rule":    {router.Decision{Route: "a", Stage: router.StageRule}, false},
		"a rule that abstains": {
			router.Decision{Abstained: true, Stage: router.StageFallback, Reason: router.ReasonRule}, false,
		},
		"empty":    {router.Decision{Abstained: true, Stage: router.StageFallback, Reason: router.ReasonEmpty}, false},
		"degraded": {router.Decision{Route: "a", Stage: router.StageStatic, Degraded: []router.Degradation{{Text: "x"}}}, false},
	}
	for name, tt := range tests {
		if _, got := drift.Observe(&tt.decision); got != tt.want {
			t.Errorf("%s: looked at is %v, want %v", name, got, tt.want)
		}
	}
}

func TestCompare(t *testing.T) {
	s := source{random: rand.New(rand.NewPCG(5, 5))}
	take := func(n int) []drift.Observation {
		list := make([]drift.Observation, n)
		for i := range list {
			list[i] = s.draw()
		}
		return list
	}
	old := take(500)
	same, err := drift.Compare(old, take(500), drift.Config{})
	if err != nil || len(same.Alarms) > 0 {
		t.Errorf("of the same source: %v, alarms %+v", err, same.Alarms)
	}
	s.unknown = 0.5
	other, err := drift.Compare(old, take(500), drift.Config{})
	if err != nil || len(other.Alarms) == 0 || other.Alarms[0].Prompt > 300 {
		t.Errorf("of another source: %v, alarms %+v", err, other.Alarms)
	}
	if diff := cmp.Diff([]int{500, 500}, []int{other.Old, other.New}); diff != "" {
		t.Error(diff)
	}
	for _, n := range []int{0, drift.LeastReference - 1} {
		if _, err := drift.Compare(old[:n], old, drift.Config{}); !errors.Is(err, drift.ErrTooFew) {
			t.Errorf("%d old ones: %v", n, err)
		}
	}
	if _, err := drift.Compare(old, nil, drift.Config{}); !errors.Is(err, drift.ErrTooFew) {
		t.Errorf("no new ones: %v", err)
	}
}

func BenchmarkObserve(b *testing.B) {
	shares := map[string]float64{}
	for i := range 150 {
		shares[fmt.Sprint(i)] = 1. / 150
	}
	w := drift.Watching(&routes.Reference{Prompts: 3000, Confidence: routes.Moments{Mean: 0.9}, Shares: shares}, drift.Config{})
	o := drift.Observation{Route: "7", Confidence: 0.9, Similarity: 0.8}
	for b.Loop() {
		w.Observe(&o)
	}
}
