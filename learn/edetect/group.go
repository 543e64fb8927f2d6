package edetect

import "math"

// Group watches several means at once. Its evidence is the weighted mean of that
// of its streams, which is an e-detector too: raising an alarm when it reaches the
// run length means an expected number of steps between false alarms of at least
// that, for all streams together. It is not safe for concurrent use.
type Group struct {
	runLength float64
	calmAfter int
	steps     int
	streams   []*Stream
	changes   []Change
}

// Stream is one mean of a group.
type Stream struct {
	// Reference is the mean while nothing has changed.
	Reference float64
	detector  *Detector
	weight    float64
	alarming  bool
	last      int // step at which there was last evidence enough for an alarm
}

// Change is the beginning of a stream's alarm, or its end.
type Change struct {
	Stream *Stream
	Over   bool
	Rising bool
}

// NewGroup makes a group without streams. An alarm is over when there has been no
// new evidence for it for calmAfter steps.
func NewGroup(runLength float64, calmAfter int) *Group {
	return &Group{runLength: runLength, calmAfter: calmAfter}
}

// Add watches another mean, of observations in [0, 1], that lies within reach of
// its reference. weight is its part of the false alarms; all weights add up to at
// most 1. rise is the part of a rising mean in those, in [0, 1].
func (g *Group) Add(reference, reach, weight, rise float64) *Stream {
	s := &Stream{
		Reference: reference, weight: weight,
		detector: New(Band{Low: max(0, reference-reach), High: min(1, reference+reach)}, rise),
	}
	g.streams = append(g.streams, s)
	return s
}

// Observe takes the next observation of the stream.
func (s *Stream) Observe(x float64) { s.detector.Observe(x) }

// Band is where the mean lies while nothing has changed.
func (s *Stream) Band() Band { return s.detector.Band() }

// Alarming says whether an alarm has begun and is not over.
func (s *Stream) Alarming() bool { return s.alarming }

func (s *Stream) evidence() float64 { return s.weight * s.detector.Evidence() }

// Evidence is how far the case for a change of the stream has come on the way to
// an alarm, in [0, 1] on a logarithmic scale.
func (g *Group) Evidence(s *Stream) float64 {
	return min(1, math.Log1p(s.evidence())/math.Log1p(g.runLength))
}

// Steps is how many there were.
func (g *Group) Steps() int { return g.steps }

// Step ends a step, in which each stream took at most one observation, and gives
// the alarms that begin or end with it, mostly none; the slice is g's until its
// next use. An alarm is that of the stream with most of the evidence, and of the
// next as long as the rest suffices. Streams that are alarming stand aside.
func (g *Group) Step() []Change {
	g.steps++
	g.changes = g.changes[:0]
	var sum float64
	for _, s := range g.streams {
		e := s.evidence()
		switch {
		case !s.alarming:
			sum += e
		case e >= g.runLength:
			s.last = g.steps
			s.detector.Reset()
		case g.steps-s.last >= g.calmAfter:
			s.alarming = false
			s.detector.Reset()
			g.changes = append(g.changes, Change{Stream: s, Over: true})
		}
	}
	for sum >= g.runLength {
		most := g.foremost()
		if most == nil {
			break
		}
		sum -= most.evidence()
		g.changes = append(g.changes, Change{Stream: most, Rising: most.detector.Rising()})
		most.alarming, most.last = true, g.steps
		most.detector.Reset()
	}
	return g.changes
}

// foremost is the stream with most evidence that is not alarming yet.
func (g *Group) foremost() *Stream {
	var most *Stream
	for _, s := range g.streams {
		if !s.alarming && (most == nil || s.evidence() > most.evidence()) {
			most = s
		}
	}
	return most
}

// GroupState is what a group has gathered, to be continued by Resume.
type GroupState struct {
	Steps   int           `json:"steps"`
	Streams []StreamState `json:"streams"`
}

// StreamState is that of one of its streams.
type StreamState struct {
	State
	Alarming bool `json:"alarming,omitempty"`
	Last     int  `json:"last,omitempty"`
}

// State is the present one.
func (g *Group) State() GroupState {
	out := GroupState{Steps: g.steps, Streams: make([]StreamState, len(g.streams))}
	for i, s := range g.streams {
		out.Streams[i] = StreamState{State: s.detector.State(), Alarming: s.alarming, Last: s.last}
	}
	return out
}

// Resume goes on from the state of a group with the same streams in the same
// order. What does not fit is left as it is.
func (g *Group) Resume(state GroupState) {
	if len(state.Streams) != len(g.streams) || state.Steps < 0 {
		return
	}
	g.steps = state.Steps
	for i, s := range g.streams {
		if from := &state.Streams[i]; s.detector.Resume(from.State) {
			s.alarming, s.last = from.Alarming, min(from.Last, g.steps)
		}
	}
}
