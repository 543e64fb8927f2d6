package forward

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strconv"

	"github.com/semroute/semroute/routes"
)

// strategy is how the policy chooses. A cascade goes from the cheapest model
// up unless the route says otherwise.
func (p *policy) strategy() routes.Strategy {
	switch {
	case p.Strategy != "":
		return p.Strategy
	case len(p.checks) > 0:
		return routes.Cheapest
	}
	return routes.Order
}

// ordered puts the candidates in the order in which they are to be asked.
// What a strategy cannot tell apart stays in the route's order.
func (r *run) ordered(models []*model) []*model {
	switch r.policy.strategy() {
	case routes.Cheapest:
		return r.byPrice(models)
	case routes.Fastest:
		return r.bySpeed(models)
	case routes.Weighted:
		return r.byWeight(models)
	case routes.Quality:
		return r.byQuality(models)
	}
	return models
}

func (r *run) byPrice(models []*model) []*model {
	sorted := slices.Clone(models)
	slices.SortStableFunc(sorted, func(a, b *model) int { return cheaper(r.rates(a), r.rates(b)) })
	return sorted
}

// bySpeed asks first what answered fastest lately; models that nothing is
// known about come before, so that they are observed.
func (r *run) bySpeed(models []*model) []*model {
	now := r.now()
	expected := make(map[*model]float64, len(models))
	for _, m := range models {
		expected[m] = m.health.speed.expected(now)
	}
	return sortedBy(models, func(m *model) float64 { return expected[m] })
}

// byWeight ranks the models by weighted rendezvous hashing: a user keeps to a
// model, models are first as often as their weights say, and a changed weight
// moves no more users than it must. Models of weight 0 only stand in.
func (r *run) byWeight(models []*model) []*model {
	key := r.call.User
	if key == "" {
		key = strconv.FormatFloat(r.deps.Random(), 'g', -1, 64)
	}
	rank := make(map[*model]float64, len(models))
	for _, m := range models {
		rank[m] = math.Inf(1)
		if w := r.policy.Weights[m.Name]; w > 0 {
			rank[m] = -math.Log(share(r.call.Route, m.Name, key)) / float64(w)
		}
	}
	return sortedBy(models, func(m *model) float64 { return rank[m] })
}

// share is a number in (0, 1) that depends on the texts alone.
func share(texts ...string) float64 {
	h := fnv.New64a()
	for _, t := range texts {
		_, _ = h.Write([]byte(t))
		_, _ = h.Write([]byte{0})
	}
	x := h.Sum64() // mixed below, because FNV leaves the last bytes in the low bits
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	x ^= x >> 31
	return (float64(x>>11) + 0.5) / (1 << 53)
}

// byQuality asks first the cheapest model that is expected to be within the
// allowed loss of the best, then the others from the best down. Models that
// the predictor does not know come last.
func (r *run) byQuality(models []*model) []*model {
	if r.deps.Predictor == nil {
		return models
	}
	expected := r.deps.Predictor.Predict(r.call.Prompt, r.call.Vector)
	worst := math.Inf(1)
	sorted := sortedBy(models, func(m *model) float64 {
		if q, ok := expected[m.Name]; ok && !math.IsNaN(q) {
			return -q
		}
		return worst
	})
	if r.policy.MaxQualityLoss == nil {
		return sorted
	}
	least := expected[sorted[0].Name] - *r.policy.MaxQualityLoss
	choice := 0
	for i, m := range sorted {
		if q, ok := expected[m.Name]; ok && q >= least && cheaper(r.rates(m), r.rates(sorted[choice])) < 0 {
			choice = i
		}
	}
	first := sorted[choice]
	return append([]*model{first}, slices.Delete(slices.Clone(sorted), choice, choice+1)...)
}

func sortedBy(models []*model, value func(*model) float64) []*model {
	sorted := slices.Clone(models)
	slices.SortStableFunc(sorted, func(a, b *model) int { return cmp.Compare(value(a), value(b)) })
	return sorted
}
