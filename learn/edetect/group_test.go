package edetect_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/learn/edetect"
)

// pair is a group of two streams, the first of which is the more important.
type pair struct {
	*edetect.Group
	streams [2]*edetect.Stream
}

func newPair(runLength float64) pair {
	g := edetect.NewGroup(runLength, 500)
	return pair{g, [2]*edetect.Stream{g.Add(0.1, 0, 0.8, 0.5), g.Add(0.5, 0.05, 0.2, 0.5)}}
}

// step observes one thing of each stream, and names what changes.
func (p *pair) step(one, two float64) (changes []string) {
	p.streams[0].Observe(one)
	p.streams[1].Observe(two)
	for _, c := range p.Step() {
		name := "one"
		if c.Stream == p.streams[1] {
			name = "two"
		}
		switch {
		case c.Over:
			name += " over"
		case c.Rising:
			name += " rising"
		default:
			name += " falling"
		}
		changes = append(changes, name)
	}
	return changes
}

func TestAGroupHasTheFalseAlarmsOfOne(t *testing.T) {
	const runLength, streams, length = 500, 300, 3000
	alarms := 0
	for seed := range uint64(streams) {
		r := rand.New(rand.NewPCG(seed, 9))
		p := newPair(runLength)
		for range length {
			for _, change := range p.step(bernoulli(r, 0.1), bernoulli(r, 0.5)) {
				if change != "one over" && change != "two over" {
					alarms++
				}
			}
		}
	}
	if mean := streams * length / max(1, alarms); mean < runLength {
		t.Errorf("one false alarm in %d steps, promised one in %d at most", mean, runLength)
	}
}

func TestAnAlarmNamesItsStreamOnceAndEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	p := newPair(1e6)
	run := func(n int, one, two float64) (changes []string) {
		for range n {
			changes = append(changes, p.step(bernoulli(r, one), bernoulli(r, two))...)
		}
		return changes
	}
	for _, phase := range []struct {
		name     string
		n        int
		one, two float64
		want     []string
	}{
		{"nothing has changed", 1000, 0.1, 0.5, nil},
		{"one rises and stays there", 2000, 0.4, 0.5, []string{"one rising"}},
		{"two falls beside it", 1000, 0.4, 0.1, []string{"two falling"}},
		{"all is as before", 2000, 0.1, 0.5, []string{"two over", "one over"}},
		{"one rises again", 500, 0.5, 0.5, []string{"one rising"}},
	} {
		if diff := cmp.Diff(phase.want, run(phase.n, phase.one, phase.two)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", phase.name, diff)
		}
	}
}

func TestAGroupIsContinued(t *testing.T) {
	one := newPair(1000)
	r := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		one.step(bernoulli(r, 0.6), bernoulli(r, 0.5))
	}
	data, err := json.Marshal(one.State())
	if err != nil {
		t.Fatal(err)
	}
	var state edetect.GroupState
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	other := newPair(1000)
	other.Resume(state)
	if !other.streams[0].Alarming() || other.Steps() != 300 {
		t.Errorf("continued: alarming %v after %d steps", other.streams[0].Alarming(), other.Steps())
	}
	fresh := newPair(1000)
	fresh.Resume(edetect.GroupState{Steps: -1, Streams: state.Streams})
	fresh.Resume(edetect.GroupState{Steps: 5, Streams: state.Streams[:1]})
	if fresh.Steps() != 0 || fresh.streams[0].Alarming() {
		t.Error("a state that does not fit was taken")
	}
}
