package routes

import "time"

// Rates are what tokens cost, in nano-dollars (10⁻⁹ USD) per million of them,
// never negative.
type Rates struct {
	InputPerMTok  int64
	OutputPerMTok int64
	// CachedInputPerMTok is for input that is read from the provider's cache,
	// CacheWritePerMTok for input that is written to it. Nil is the price of any
	// other input.
	CachedInputPerMTok *int64
	CacheWritePerMTok  *int64
}

// CachedInput is what cached input costs.
func (r Rates) CachedInput() int64 { return or(r.CachedInputPerMTok, r.InputPerMTok) }

// CacheWrite is what input costs that is written to a cache.
func (r Rates) CacheWrite() int64 { return or(r.CacheWritePerMTok, r.InputPerMTok) }

func or(n *int64, other int64) int64 {
	if n == nil {
		return other
	}
	return *n
}

// below says whether anything costs less than at other rates.
func (r Rates) below(other Rates) bool {
	return r.InputPerMTok < other.InputPerMTok || r.OutputPerMTok < other.OutputPerMTok ||
		r.CachedInput() < other.CachedInput() || r.CacheWrite() < other.CacheWrite()
}

// Price is what a model costs from a day on.
type Price struct {
	// ValidFrom is when it begins to count, in UTC; the zero time is always.
	ValidFrom time.Time
	Rates
	// Tiers are the rates of longer prompts, in order of their length; no rate is
	// lower than that of a shorter prompt.
	Tiers []PriceTier
}

// PriceTier are the rates of a whole call, the answer included, whose prompt
// has more than AboveTokens tokens, those in caches included.
type PriceTier struct {
	AboveTokens int64
	Rates
}

// For are the rates of a call whose prompt has so many tokens.
func (p Price) For(inputTokens int64) Rates {
	rates := p.Rates
	for _, t := range p.Tiers {
		if inputTokens > t.AboveTokens {
			rates = t.Rates
		}
	}
	return rates
}

// Prices are a model's prices, in order of ValidFrom; empty where none is known.
type Prices []Price

// At is the price of a call that was made then: the newest that had begun to
// count, nil when there was none.
func (p Prices) At(when time.Time) *Price {
	for i := len(p) - 1; i >= 0; i-- {
		if !p[i].ValidFrom.After(when) {
			return &p[i]
		}
	}
	return nil
}
