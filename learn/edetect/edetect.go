// Package edetect notices that the mean of bounded observations has left the
// band in which it lay, and bounds how often it is wrong about that: the expected
// number of observations to a false alarm is at least the threshold at which an
// alarm is raised, whatever the observations' distribution is, as long as their
// mean given the past stays in the band.
//
// The statistic is a Shiryaev–Roberts e-detector (Shin, Ramdas and Rinaldo,
// "E-detectors: a nonparametric framework for sequential change detection",
// 2022): the sum over all starting times of the wealth of a gambler who bets on
// the mean outside of the band, mixed over several sizes of the bet.
package edetect

import "math"

// Band is where a mean of observations in [0, 1] is taken to lie while nothing
// has changed.
type Band struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// fractions are the sizes of the bets, as shares of the wealth that is lost when
// the observation is 0. Small ones find small changes after long, large ones
// large changes at once.
var fractions = [...]float64{1. / 64, 1. / 32, 1. / 16, 1. / 8, 1. / 4, 1. / 2}

// most keeps the evidence within what a float64 holds.
const most = 1e250

// side is the e-detector of a mean that rises above a bound.
type side struct {
	steps  [len(fractions)]float64 // the bets per unit of the observation
	losses [len(fractions)]float64 // wealth left after an observation of 0
	sums   [len(fractions)]float64
	mean   float64 // of sums
}

// leastBound keeps the bets on means near 0 finite: one observation of 1 then
// multiplies the wealth by at most 500.
const leastBound = 1e-3

func newSide(bound float64) side {
	bound = max(bound, leastBound)
	var s side
	for i, f := range fractions {
		s.steps[i], s.losses[i] = f/bound, 1-f
	}
	return s
}

func (s *side) observe(x float64) {
	var sum float64
	for i := range s.sums {
		next := (s.sums[i] + 1) * (s.losses[i] + s.steps[i]*x)
		if next > most {
			next = most
		}
		s.sums[i] = next
		sum += next
	}
	s.mean = sum / float64(len(s.sums))
}

// Detector watches one mean. The zero value is of no use; see New. It is not
// safe for concurrent use.
type Detector struct {
	band     Band
	rise     float64 // weight of up, the rest is that of down
	up, down side
}

// New makes a detector for observations in [0, 1] whose mean lies in the band.
// rise, in [0, 1], is how much of the false alarms may be of a mean that rises:
// more means that a rise is noticed sooner, and a fall later.
func New(band Band, rise float64) *Detector {
	return &Detector{band: band, rise: rise, up: newSide(band.High), down: newSide(1 - band.Low)}
}

// Band is the one that it was made with.
func (d *Detector) Band() Band { return d.band }

// Observe takes the next observation, cut to [0, 1]; one that is no number is
// left out.
func (d *Detector) Observe(x float64) {
	if math.IsNaN(x) {
		return
	}
	x = min(1, max(0, x))
	d.up.observe(x)
	d.down.observe(1 - x)
}

// Evidence is what speaks for a change since some time: raising an alarm when it
// reaches c means an expected time between false alarms of at least c
// observations. It is at least 0.
func (d *Detector) Evidence() float64 { return d.rise*d.up.mean + (1-d.rise)*d.down.mean }

// Rising says that the mean is more likely to have risen than fallen.
func (d *Detector) Rising() bool { return d.up.mean >= d.down.mean }

// Reset forgets all observations.
func (d *Detector) Reset() {
	d.up.resume(make([]float64, len(fractions)))
	d.down.resume(make([]float64, len(fractions)))
}

func (s *side) resume(sums []float64) {
	copy(s.sums[:], sums)
	s.mean = 0
	for _, x := range sums {
		s.mean += x / float64(len(sums))
	}
}

// State is what a detector has gathered, to be continued by Resume.
type State struct {
	Band Band      `json:"band"`
	Up   []float64 `json:"up"`
	Down []float64 `json:"down"`
}

// State is the present one.
func (d *Detector) State() State {
	return State{Band: d.band, Up: append([]float64(nil), d.up.sums[:]...), Down: append([]float64(nil), d.down.sums[:]...)}
}

// Resume goes on from a state. One of another band, or one that cannot be, changes
// nothing, and the answer is false.
func (d *Detector) Resume(s State) bool {
	if s.Band != d.band || !sound(s.Up) || !sound(s.Down) {
		return false
	}
	d.up.resume(s.Up)
	d.down.resume(s.Down)
	return true
}

func sound(sums []float64) bool {
	if len(sums) != len(fractions) {
		return false
	}
	for _, x := range sums {
		if !(x >= 0 && x <= most) {
			return false
		}
	}
	return true
}
