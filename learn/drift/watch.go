package drift

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/semroute/semroute/learn/edetect"
	"github.com/semroute/semroute/routes"
)

// Config of a watch; a field that is 0 has its default.
type Config struct {
	// RunLength (50,000) is the least expected number of decisions between two
	// false alarms.
	RunLength float64
	// Learn (2,000) is how many decisions of traffic make a reference where none
	// was stored.
	Learn int
	// Window (1,000) is how many of the last decisions are kept for people.
	Window int
}

const (
	defaultRunLength = 50_000
	defaultLearn     = 2_000
	defaultWindow    = 1_000
)

func (c Config) withDefaults() Config {
	c.RunLength = cmp.Or(c.RunLength, defaultRunLength)
	c.Learn = cmp.Or(c.Learn, defaultLearn)
	c.Window = cmp.Or(c.Window, defaultWindow)
	return c
}

// Learning is how many decisions of traffic make a reference.
func (c Config) Learning() int { return c.withDefaults().Learn }

// Between is the least expected number of decisions between two false alarms.
func (c Config) Between() float64 { return c.withDefaults().RunLength }

// Kind is what of the decisions is watched.
type Kind string

// The kinds.
const (
	Confidence Kind = "confidence"
	Abstention Kind = "abstention"
	Similarity Kind = "similarity"
	Share      Kind = "share" // of a route
)

// What is no change: a mean may move by its tolerance, and by so many standard
// errors of the reference. A catalog's own utterances are like traffic, but no
// sample of it.
const (
	confidenceTolerance = 0.004
	abstentionTolerance = 0.005
	similarityTolerance = 0.01
	shareTolerance      = 0.01
	shareOfShare        = 0.15 // of a route's share, beside shareTolerance
	utteranceTolerance  = 0.05 // beside the others where the reference is utterances
	standardErrors      = 2
)

// The parts of the false alarms that each number may have, which add up to 1, and
// of those the part of a mean that rises. What an unknown topic moves has most.
const (
	confidenceWeight = 0.4
	abstentionWeight = 0.4
	similarityWeight = 0.1
	sharesWeight     = 0.1 // of all routes together

	abstentionRise = 0.9
	shareRise      = 0.5
)

// mostShares is how many routes are watched, the most frequent ones.
const mostShares = 256

// calmAfter is how many decisions without new evidence end an alarm.
const calmAfter = 5_000

// stream is one number that is watched.
type stream struct {
	*edetect.Stream
	kind  Kind
	route string
}

// Signal is the beginning or the end of an alarm.
type Signal struct {
	Kind  Kind   `json:"kind"`
	Route string `json:"route,omitempty"`
	// Over: the number has been within its band again for long.
	Over bool `json:"over,omitempty"`
	// Rising says which way it has gone.
	Rising bool `json:"rising"`
	// Reference is its mean in the reference, Window that of the last decisions.
	Reference float64 `json:"reference"`
	Window    float64 `json:"window"`
	// Prompt is the number of the decision, from 1, since the watch began.
	Prompt int `json:"prompt"`
}

// Watch holds decisions against a reference. It is not safe for concurrent use.
type Watch struct {
	config    Config
	reference routes.Reference
	group     *edetect.Group
	streams   []stream // those of the group, in its order
	window    window
	learning  *Tally // of the shares, until they are known
	sharesOf  int    // prompts by which the shares are known
	signals   []Signal
}

// Watching begins to hold decisions against a reference. Shares that it does not
// have are learnt from the first Config.Learn decisions.
func Watching(reference *routes.Reference, config Config) *Watch {
	config = config.withDefaults()
	w := &Watch{config: config, reference: *reference, group: edetect.NewGroup(config.RunLength, calmAfter)}
	w.window.size = w.config.Window
	r, n, loose := &w.reference, float64(max(1, reference.Prompts)), 0.0
	if r.From == routes.FromUtterances {
		loose = utteranceTolerance
	}
	w.add(Confidence, "", confidenceWeight, 1-abstentionRise, r.Confidence.Mean, loose+confidenceTolerance+standardErrors*r.Confidence.Deviation/math.Sqrt(n))
	w.add(Similarity, "", similarityWeight, 1-abstentionRise, r.Similarity.Mean, loose+similarityTolerance+standardErrors*r.Similarity.Deviation/math.Sqrt(n))
	w.add(Abstention, "", abstentionWeight, abstentionRise, r.Abstained, loose+abstentionTolerance+standardErrors*shareError(r.Abstained, n))
	if len(r.Shares) == 0 {
		w.learning = &Tally{}
	} else {
		w.addShares(r.Shares, reference.Prompts)
	}
	return w
}

// addShares watches the routes.
func (w *Watch) addShares(shares map[string]float64, prompts int) {
	n := float64(max(1, prompts))
	w.sharesOf = prompts
	names := slices.SortedFunc(maps.Keys(shares), func(a, b string) int {
		return cmp.Or(cmp.Compare(shares[b], shares[a]), cmp.Compare(a, b))
	})
	names = names[:min(len(names), mostShares)]
	for _, name := range names {
		reach := shareTolerance + shareOfShare*shares[name] + standardErrors*shareError(shares[name], n)
		w.add(Share, name, sharesWeight/float64(len(names)), shareRise, shares[name], reach)
	}
}

// shareError is the standard error of a share of n, by that of Agresti and Coull,
// which is not 0 for one that was never seen.
func shareError(p, n float64) float64 {
	p = (p*n + 2) / (n + 4)
	return math.Sqrt(p * (1 - p) / (n + 4))
}

// add watches a number that stays within reach of its mean.
func (w *Watch) add(kind Kind, route string, weight, rise, mean, reach float64) {
	w.streams = append(w.streams, stream{Stream: w.group.Add(mean, reach, weight, rise), kind: kind, route: route})
}

// Reference is what decisions are held against.
func (w *Watch) Reference() *routes.Reference { return &w.reference }

// Prompts is how many decisions were looked at.
func (w *Watch) Prompts() int { return w.group.Steps() }

// Observe takes the next decision and gives the alarms that begin or end with it,
// mostly none; the slice is w's until its next use.
func (w *Watch) Observe(o *Observation) []Signal {
	w.window.add(o)
	for i := range w.streams {
		s := &w.streams[i]
		s.Observe(s.of(o))
	}
	w.signals = w.signals[:0]
	for _, c := range w.group.Step() {
		w.signals = append(w.signals, w.signal(c))
	}
	if w.learning != nil {
		w.learnShares(o)
	}
	return w.signals
}

// learnShares counts the routes until there are decisions enough.
func (w *Watch) learnShares(o *Observation) {
	if w.learning.Add(o); w.learning.N() < w.config.Learn {
		return
	}
	learnt := w.learning.Reference(routes.FromTraffic)
	w.learning, w.reference.Shares = nil, learnt.Shares
	w.addShares(learnt.Shares, learnt.Prompts)
}

func (w *Watch) signal(c edetect.Change) Signal {
	i := slices.IndexFunc(w.streams, func(s stream) bool { return s.Stream == c.Stream })
	s := &w.streams[i]
	return Signal{
		Kind: s.kind, Route: s.route, Over: c.Over, Rising: c.Rising,
		Reference: s.Reference, Window: w.window.mean(s), Prompt: w.Prompts(),
	}
}

// of is what the stream sees of an observation.
func (s *stream) of(o *Observation) float64 {
	switch s.kind {
	case Confidence:
		return value(o.Confidence)
	case Similarity:
		return value(o.Similarity)
	case Abstention:
		return indicator(o.Route == "")
	}
	return indicator(o.Route == s.route)
}

func indicator(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
