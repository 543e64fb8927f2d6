package routes

import (
	"math"
	"slices"

	"github.com/semroute/semroute/internal/strictyaml"
)

// The bounds of a route's numbers.
const (
	maxAttempts = 20
	maxWeight   = 1_000_000
)

// forwardingReader reads the keys of a route that say how it is served, and
// checks what they demand of each other.
type forwardingReader struct {
	load  *loading
	route *Route
	by    string // names the route in messages
	// named are the models that weights and tiers name.
	named []mention
}

func (f *forwardingReader) fields() []field {
	to := &f.route.Forwarding
	return []field{
		{"strategy", func(v value) {
			to.Strategy, _ = strictyaml.OneOf(v, "strategy", Order, Cheapest, Fastest, Weighted, Quality)
		}},
		{"weights", func(v value) { to.Weights = f.weights(v) }},
		sharePointer("max_quality_loss", &to.MaxQualityLoss),
		{"max_price", func(v value) { pointer(&to.MaxPrice, func() (int64, bool) { return readDollars(v, "max_price") }) }},
		{"cascade", func(v value) { to.Cascade = f.load.cascade(v, f.by) }},
		{"tiers", func(v value) { to.Tiers = f.tiers(v) }},
		sharePointer("stickiness", &to.Stickiness),
		{"hedge_after", func(v value) { to.HedgeAfter = readDuration(v, "hedge_after") }},
		{"max_attempts", func(v value) {
			n, _ := v.Integer("max_attempts", 1, maxAttempts)
			to.MaxAttempts = int(n)
		}},
		{"timeouts", func(v value) { to.Timeouts = readTimeouts(v) }},
	}
}

func (f *forwardingReader) weights(v value) map[string]int {
	weights := map[string]int{}
	sum := int64(0)
	v.Entries("weights", func(key string, at Position, item value) {
		if n, ok := item.Integer("the weight of "+strictyaml.Quote(key), 0, maxWeight); ok {
			weights[key] = int(n)
			sum += n
			f.named = append(f.named, mention{name: key, at: at, by: "weights"})
		}
	})
	if v.Kind() == "a mapping" && sum == 0 {
		v.Bad("weights must hold a model with a weight above 0")
	}
	return weights
}

func (f *forwardingReader) tiers(v value) map[string][]string {
	tiers := map[string][]string{}
	v.Entries("tiers", func(tier string, _ Position, item value) {
		var models []string
		item.List("tier "+strictyaml.Quote(tier), func(entry value) {
			name, ok := readName(entry, aModel)
			switch {
			case !ok:
			case slices.Contains(models, name):
				entry.Bad("model %s stands twice in tier %s", strictyaml.Quote(name), strictyaml.Quote(tier))
			default:
				models = append(models, name)
				f.named = append(f.named, mention{name: name, at: entry.Place, by: "tier " + strictyaml.Quote(tier)})
			}
		})
		if item.Kind() == "a list" && len(models) == 0 {
			item.Bad("tier %s names no model", strictyaml.Quote(tier))
		}
		tiers[tier] = models
	})
	if len(tiers) == 0 {
		return nil
	}
	return tiers
}

func readTimeouts(v value) Timeouts {
	var t Timeouts
	readMapping(v, "timeouts",
		field{"attempt", func(v value) { t.Attempt = readDuration(v, "attempt") }},
		field{"total", func(v value) { t.Total = readDuration(v, "total") }},
	)
	if t.Attempt > 0 && t.Total > 0 && t.Attempt > t.Total {
		v.Bad("the attempt timeout %s is longer than the total %s", t.Attempt, t.Total)
	}
	return t
}

// check notes what a route's keys demand of each other. v is the route.
func (f *forwardingReader) check(v value) {
	r, to := f.route, f.route.Forwarding
	for _, m := range f.named {
		if !slices.Contains(r.Models, m.name) {
			f.load.found.Add(m.at, "%s of %s names model %s, which is not one of the route's models%s",
				m.by, f.by, strictyaml.Quote(m.name), strictyaml.Suggestion(m.name, r.Models))
		}
	}
	keys := v.Keys()
	has := func(key string) bool { return slices.Contains(keys, key) }
	switch {
	case to.Strategy == Weighted && !has("weights"):
		v.Bad("%s has the weighted strategy but no weights", f.by)
	case has("weights") && to.Strategy != Weighted:
		v.Bad("%s has weights but not strategy: weighted", f.by)
	}
	if to.Strategy == Quality && !has("max_quality_loss") && !has("max_price") {
		v.Bad("%s has the quality strategy; give it max_quality_loss or max_price", f.by)
	}
	if to.Strategy != Quality && (has("max_quality_loss") || has("max_price")) {
		v.Bad("%s has max_quality_loss or max_price but not strategy: quality", f.by)
	}
	if to.Cascade != nil && len(r.Models) < 2 {
		v.Bad("%s has a cascade, which needs at least two models", f.by)
	}
}

// minLogprob reads a bound on a mean log-probability.
func minLogprob(v value) (float64, bool) {
	return v.Number("min_logprob", math.Inf(-1), 0)
}
