package edetect_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/semroute/semroute/learn/edetect"
)

// firstAlarm is the number of the observation that raises an alarm at the
// threshold, 0 for none within n.
func firstAlarm(d *edetect.Detector, threshold float64, n int, observe func(i int) float64) int {
	for i := 1; i <= n; i++ {
		d.Observe(observe(i))
		if d.Evidence() >= threshold {
			return i
		}
	}
	return 0
}

func bernoulli(random *rand.Rand, p float64) float64 {
	if random.Float64() < p {
		return 1
	}
	return 0
}

// TestFalseAlarmsAreAsRareAsPromised draws observations whose mean is the band's
// worst case, its very edge.
func TestFalseAlarmsAreAsRareAsPromised(t *testing.T) {
	const threshold, streams, length = 1000, 400, 5000
	for name, draw := range map[string]func(*rand.Rand) float64{
		"rare events": func(r *rand.Rand) float64 { return bernoulli(r, 0.05) },
		"spread out":  func(r *rand.Rand) float64 { return 0.1 * r.Float64() },
		"all or none": func(*rand.Rand) float64 { return 0.05 },
	} {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			alarms := 0
			for range streams {
				d := edetect.New(edetect.Band{Low: 0.05, High: 0.05}, 0.5)
				for range length {
					d.Observe(draw(random))
					if d.Evidence() >= threshold {
						alarms++
						d.Reset()
					}
				}
			}
			mean := float64(streams*length) / float64(max(1, alarms))
			t.Logf("%d alarms in %d observations: one in %.0f", alarms, streams*length, mean)
			if mean < threshold {
				t.Errorf("one false alarm in %.0f observations, promised one in %d at most", mean, threshold)
			}
		})
	}
}

func TestAChangeIsNoticed(t *testing.T) {
	tests := []struct {
		name          string
		before, after float64
		within        int
		rising        bool
	}{
		{"a large rise", 0.05, 0.25, 120, true},
		{"a small rise", 0.05, 0.10, 1200, true},
		{"a fall", 0.9, 0.7, 200, false},
		{"a fall to nothing", 0.3, 0, 80, false},
		{"from never to now and then", 0, 0.05, 150, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			const change, streams = 1000, 50
			late := 0
			for seed := range uint64(streams) {
				random := rand.New(rand.NewPCG(seed, 7))
				d := edetect.New(edetect.Band{Low: tt.before, High: tt.before}, 0.5)
				at := firstAlarm(d, 10_000, change+tt.within, func(i int) float64 {
					if i > change {
						return bernoulli(random, tt.after)
					}
					return bernoulli(random, tt.before)
				})
				if at == 0 {
					late++
				} else if at > change && d.Rising() != tt.rising {
					t.Errorf("seed %d: rising is %v, want %v", seed, d.Rising(), tt.rising)
				}
			}
			if late > streams/10 {
				t.Errorf("%d of %d changes are not noticed within %d observations", late, streams, tt.within)
			}
		})
	}
}

func TestWhatIsNoObservationChangesNothingForever(t *testing.T) {
	d := edetect.New(edetect.Band{Low: 0.2, High: 0.4}, 0.5)
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -5, 7} {
		d.Observe(x)
	}
	if e := d.Evidence(); math.IsNaN(e) || math.IsInf(e, 0) || e < 0 {
		t.Errorf("evidence %v", e)
	}
	for range 100_000 {
		d.Observe(1)
	}
	if e := d.Evidence(); math.IsNaN(e) || math.IsInf(e, 0) || e < 1e100 {
		t.Errorf("evidence %v after a long change", e)
	}
}

func TestAStateIsContinued(t *testing.T) {
	band := edetect.Band{Low: 0.1, High: 0.3}
	one := edetect.New(band, 0.5)
	for i := range 500 {
		one.Observe(float64(i%10) / 10)
	}
	data, err := json.Marshal(one.State())
	if err != nil {
		t.Fatal(err)
	}
	var state edetect.State
	if err := json.Unmarshal(data, &state); err != nil {
		t.Fatal(err)
	}
	other := edetect.New(band, 0.5)
	if !other.Resume(state) {
		t.Fatal("the state is not taken")
	}
	for _, d := range []*edetect.Detector{one, other} {
		d.Observe(0.7)
	}
	if diff := math.Abs(one.Evidence()/other.Evidence() - 1); !(diff < 1e-12) {
		t.Errorf("evidence %v, continued %v", one.Evidence(), other.Evidence())
	}
	for name, bad := range map[string]edetect.State{
		"another band": {Band: edetect.Band{Low: 0.1, High: 0.2}, Up: state.Up, Down: state.Down},
		"too short":    {Band: band, Up: state.Up[:2], Down: state.Down},
		"not sound":    {Band: band, Up: append([]float64{math.Inf(1)}, state.Up[1:]...), Down: state.Down},
		"empty":        {},
	} {
		if other.Resume(bad) {
			t.Errorf("%s: the state is taken", name)
		}
	}
}
