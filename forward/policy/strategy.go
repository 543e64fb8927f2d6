package policy

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"strconv"

	"github.com/semroute/semroute/forward/attempt"
	"github.com/semroute/semroute/routes"
)

// strategy is how the policy chooses. A cascade goes from the cheapest model
// up unless the route says otherwise.
func (p *routePolicy) strategy() routes.Strategy {
	switch {
	case p.forwarding.Strategy != "":
		return p.forwarding.Strategy
	case p.forwarding.Cascade != nil:
		return routes.Cheapest
	}
	return routes.Order
}

// ordered puts the candidates in the order in which they are to be asked.
// What a strategy cannot tell apart stays in the route's order.
func (s *selection) ordered(models []*attempt.Model) []*attempt.Model {
	switch s.route.strategy() {
	case routes.Cheapest:
		return s.byPrice(models)
	case routes.Fastest:
		return s.bySpeed(models)
	case routes.Weighted:
		return s.byWeight(models)
	case routes.Quality:
		return s.byQuality(models)
	}
	return models
}

func (s *selection) byPrice(models []*attempt.Model) []*attempt.Model {
	sorted := slices.Clone(models)
	slices.SortStableFunc(sorted, func(a, b *attempt.Model) int { return cheaper(s.rates(a), s.rates(b)) })
	return sorted
}

// bySpeed asks first what answered fastest lately; models that nothing is
// known about come before, so that they are observed.
func (s *selection) bySpeed(models []*attempt.Model) []*attempt.Model {
	now := s.order.deps.Now()
	expected := make(map[*attempt.Model]float64, len(models))
	for _, m := range models {
		expected[m] = m.Health.Expected(now)
	}
	return sortedBy(models, func(m *attempt.Model) float64 { return expected[m] })
}

// byWeight ranks the models by weighted rendezvous hashing: a user keeps to a
// model, models are first as often as their weights say, and a changed weight
// moves no more users than it must. Without a user the decision draws. Models of
// weight 0 only stand in.
func (s *selection) byWeight(models []*attempt.Model) []*attempt.Model {
	key := cmp.Or(s.call.User, s.call.Decision.ID)
	if key == "" {
		key = strconv.FormatFloat(s.order.deps.Random(), 'g', -1, 64)
	}
	rank := make(map[*attempt.Model]float64, len(models))
	for _, m := range models {
		rank[m] = math.Inf(1)
		if w := s.route.forwarding.Weights[m.Name]; w > 0 {
			rank[m] = -math.Log(share(s.call.Route, m.Name, key)) / float64(w)
		}
	}
	return sortedBy(models, func(m *attempt.Model) float64 { return rank[m] })
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
func (s *selection) byQuality(models []*attempt.Model) []*attempt.Model {
	if s.order.deps.Predictor == nil {
		return models
	}
	expected := s.order.deps.Predictor.Predict(s.call.Prompt, s.call.Vector)
	worst := math.Inf(1)
	sorted := sortedBy(models, func(m *attempt.Model) float64 {
		if q, ok := expected[m.Name]; ok && !math.IsNaN(q) {
			return -q
		}
		return worst
	})
	if s.route.forwarding.MaxQualityLoss == nil {
		return sorted
	}
	least := expected[sorted[0].Name] - *s.route.forwarding.MaxQualityLoss
	choice := 0
	for i, m := range sorted {
		if q, ok := expected[m.Name]; ok && q >= least && cheaper(s.rates(m), s.rates(sorted[choice])) < 0 {
			choice = i
		}
	}
	first := sorted[choice]
	return append([]*attempt.Model{first}, slices.Delete(slices.Clone(sorted), choice, choice+1)...)
}

func sortedBy(models []*attempt.Model, value func(*attempt.Model) float64) []*attempt.Model {
	sorted := slices.Clone(models)
	slices.SortStableFunc(sorted, func(a, b *attempt.Model) int { return cmp.Compare(value(a), value(b)) })
	return sorted
}
