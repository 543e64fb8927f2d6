package policy

import (
	"cmp"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
	"github.com/semroute/semroute/routes"
)

// rates are what the call would cost at the model by the prices of its time,
// nil for a model without a price. Tokens are counted only where they matter.
func (s *selection) rates(m *attempt.Model) *routes.Rates {
	price := m.Prices.At(s.at)
	switch {
	case price == nil:
		return nil
	case len(price.Tiers) == 0:
		return &price.Rates
	}
	rates := price.For(s.tokens())
	return &rates
}

// cheaper orders models by what a call of equal size costs: output counts as
// much as input, a model without a price comes last.
func cheaper(a, b *routes.Rates) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return cmp.Compare(together(a), together(b))
}

// together is the price of input and output; what does not fit is the largest.
func together(r *routes.Rates) int64 { return forward.AddCapped(r.InputPerMTok, r.OutputPerMTok) }
