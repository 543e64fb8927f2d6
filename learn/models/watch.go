package models

import (
	"cmp"
	"math"
	"slices"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/learn/edetect"
)

// Config of a Watch; a field that is 0 has its default.
type Config struct {
	// RunLength (50,000) is the least expected number of calls of a model between
	// two false alarms of it.
	RunLength float64
	// Learn (200) is how many calls make a model's reference.
	Learn int
}

const (
	defaultRunLength = 50_000
	defaultLearn     = 200
	// calmAfter is how many calls without new evidence end an alarm.
	calmAfter      = 2_000
	standardErrors = 2.5
	// maxModels bounds how many models are watched, maxNames how many names of each
	// are remembered.
	maxModels = 1_000
	maxNames  = 16
)

// tolerances are how far a mean may move, after numbers without a bound were
// brought into [0, 1]: x becomes x / (x + its median). Times of day move latencies.
var tolerances = map[Kind]float64{Length: 0.03, Refusals: 0.02, Latency: 0.10, Errors: 0.02, Rejections: 0.03, Score: 0.03}

// Signal is the beginning or the end of an alarm about a model.
type Signal struct {
	Model string
	Kind  Kind
	Over  bool
	// Rising says which way it has gone.
	Rising bool
	// Reference and Now are means, Now that of the last calls, in the kind's unit.
	Reference, Now float64
	// Name is the new name in which the model answers; then there is no Kind. Known
	// is the name before, "" where it answers in another name from the first call on.
	Name, Known string
}

// Watch watches over models. It is not safe for concurrent use.
type Watch struct {
	config Config
	models map[string]*model
}

// model is what is known of one.
type model struct {
	asked   string // identifies what is behind the name
	names   []string
	calls   int
	samples []sample // until there is a reference
	means   [len(kinds)]decaying
	*reference
}

// reference is a model's, with the streams that are held against it.
type reference struct {
	baseline
	group   *edetect.Group
	streams [len(kinds)]*edetect.Stream
}

// baseline is what a reference is made of.
type baseline struct {
	Calls  int                 `json:"calls"`
	Scales [len(kinds)]float64 `json:"scales"` // 0: the number lies in [0, 1]
	Means  [len(kinds)]float64 `json:"means"`  // in [0, 1]; -1 was never seen
	Errs   [len(kinds)]float64 `json:"errors"` // standard errors of those
	Plain  [len(kinds)]float64 `json:"plain"`  // means in their own units
}

// New makes a watch that knows nothing.
func New(config Config) *Watch {
	config.RunLength = cmp.Or(config.RunLength, defaultRunLength)
	config.Learn = cmp.Or(config.Learn, defaultLearn)
	return &Watch{config: config, models: map[string]*model{}}
}

// Asked says what is asked for under each model's name, such as the provider's own
// name and the address. Where that has changed nothing is known of the model any
// more, and models that are not there are forgotten.
func (w *Watch) Asked(asked map[string]string) {
	for name, m := range w.models {
		if now, ok := asked[name]; !ok || m.asked != "" && m.asked != now {
			delete(w.models, name)
		} else {
			m.asked = now
		}
	}
	for name, now := range asked {
		if len(w.models) < maxModels && w.models[name] == nil {
			w.models[name] = &model{asked: now}
		}
	}
}

// StageCanary stands as the stage in the records of calls that nobody's prompt led
// to; only the name in which a model answers them counts.
const StageCanary = "CANARY"

// Observe takes the attempts of a call and gives the alarms that begin or end.
// Models that Asked does not know are passed over: they are another catalog's.
func (w *Watch) Observe(r *forward.Record) []Signal {
	var out []Signal
	for i := range r.Attempts {
		a := &r.Attempts[i]
		m := w.models[a.Model]
		if m == nil {
			continue
		}
		if known, fresh := m.named(a); fresh {
			out = append(out, Signal{Model: a.Model, Name: a.Answered, Known: known})
		}
		s, ok := sampleOf(a, r.Cascade)
		if !ok || r.Decision.Stage == StageCanary {
			continue
		}
		m.calls++
		for k, x := range s {
			if x >= 0 {
				m.means[k].add(x)
			}
		}
		if m.reference == nil {
			if m.samples = append(m.samples, s); len(m.samples) >= w.config.Learn {
				m.reference = w.referTo(baselineOf(m.samples))
				m.samples = nil
			}
			continue
		}
		out = append(out, m.observe(a.Model, s)...)
	}
	return out
}

// named notes the name in which a model answers, and says whether it is a new one
// that was not to be expected.
func (m *model) named(a *forward.Attempt) (known string, fresh bool) {
	if a.Answered == "" || slices.Contains(m.names, a.Answered) || len(m.names) >= maxNames {
		return "", false
	}
	if len(m.names) > 0 {
		known = m.names[len(m.names)-1]
	}
	m.names = append(m.names, a.Answered)
	return known, known != "" || a.UpstreamModel != ""
}

func (m *model) observe(name string, s sample) []Signal {
	r := m.reference
	for k, x := range s {
		if stream := r.streams[k]; x >= 0 && stream != nil {
			stream.Observe(r.within(k, x))
		}
	}
	var out []Signal
	for _, c := range r.group.Step() {
		k := slices.Index(r.streams[:], c.Stream)
		out = append(out, Signal{Model: name, Kind: kinds[k], Over: c.Over, Rising: c.Rising, Reference: r.Plain[k], Now: m.means[k].mean()})
	}
	return out
}

// within brings a number into [0, 1].
func (b *baseline) within(k int, x float64) float64 {
	if b.Scales[k] == 0 {
		return x
	}
	return x / (x + b.Scales[k])
}

// baselineOf sums up the first calls.
func baselineOf(samples []sample) baseline {
	b := baseline{Calls: len(samples)}
	for k := range kinds {
		var seen []float64
		for i := range samples {
			if samples[i][k] >= 0 {
				seen = append(seen, samples[i][k])
			}
		}
		b.Means[k] = -1
		if len(seen) == 0 {
			continue
		}
		if kinds[k] == Length || kinds[k] == Latency {
			slices.Sort(seen)
			b.Scales[k] = max(1, seen[len(seen)/2])
		}
		var sum, squares, plain float64
		for _, x := range seen {
			y := b.within(k, x)
			sum, squares, plain = sum+y, squares+y*y, plain+x
		}
		n := float64(len(seen))
		mean := sum / n
		// A little more variance than was seen: what never happened yet may happen.
		b.Means[k], b.Plain[k] = mean, plain/n
		b.Errs[k] = math.Sqrt((max(0, squares/n-mean*mean) + 1/n) / n)
	}
	return b
}

// referTo holds what comes against a baseline.
func (w *Watch) referTo(b baseline) *reference {
	r := &reference{baseline: b, group: edetect.NewGroup(w.config.RunLength, calmAfter)}
	for k, kind := range kinds {
		if b.Means[k] >= 0 {
			r.streams[k] = r.group.Add(b.Means[k], tolerances[kind]+standardErrors*b.Errs[k], 1/float64(len(kinds)), 0.5)
		}
	}
	return r
}

// memory is over about how many calls a mean goes back.
const memory = 100

// decaying is a mean of the last values, in which older ones count less.
type decaying struct {
	Sum    float64 `json:"sum"`
	Weight float64 `json:"weight"`
}

func (d *decaying) add(x float64) {
	d.Sum, d.Weight = d.Sum*(1-1./memory)+x, d.Weight*(1-1./memory)+1
}

func (d *decaying) mean() float64 {
	if d.Weight == 0 {
		return 0
	}
	return d.Sum / d.Weight
}
