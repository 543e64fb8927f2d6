package routes

import "time"

// rates are Rates as they are written.
type rates struct {
	// Input is what a million tokens of the prompt cost.
	Input dollars `yaml:"input_per_mtok"`
	// Output is what a million tokens of the answer cost.
	Output dollars `yaml:"output_per_mtok"`
	// Cached is for input that is read from the provider's cache. Default: as any input.
	Cached *dollars `yaml:"cached_input_per_mtok,omitempty"`
	// CacheWrite is for input that is written to it. Default: as any input.
	CacheWrite *dollars `yaml:"cache_write_per_mtok,omitempty"`
}

// writtenPrice is a Price as it is written.
type writtenPrice struct {
	// ValidFrom is the day or moment from which the price counts, in UTC. Default: always.
	ValidFrom string `yaml:"valid_from,omitempty"`
	// Rates are those of prompts of any length.
	Rates rates `yaml:",inline"`
	// Tiers are the rates of longer prompts.
	Tiers []PriceTier `yaml:"tiers,omitempty"`
}

// writtenTier is a PriceTier as it is written.
type writtenTier struct {
	// AboveTokens is the length of prompts beyond which the rates of the tier count, for the
	// whole call.
	AboveTokens int64 `yaml:"above_tokens"`
	// Rates are those of such calls.
	Rates rates `yaml:",inline"`
}

func (r Rates) written() rates {
	return rates{
		dollars(r.InputPerMTok), dollars(r.OutputPerMTok),
		(*dollars)(r.CachedInputPerMTok), (*dollars)(r.CacheWritePerMTok),
	}
}

// MarshalYAML writes one mapping where one price has always counted, else a list.
func (p Prices) MarshalYAML() (any, error) {
	if len(p) == 1 && p[0].ValidFrom.IsZero() {
		return p[0], nil
	}
	return []Price(p), nil
}

// MarshalYAML writes a price in dollars, and its day without a time where that
// says the same.
func (p Price) MarshalYAML() (any, error) {
	from := ""
	switch {
	case p.ValidFrom.IsZero():
	case p.ValidFrom.Equal(p.ValidFrom.Truncate(24 * time.Hour)):
		from = p.ValidFrom.UTC().Format(time.DateOnly)
	default:
		from = p.ValidFrom.UTC().Format(time.RFC3339Nano)
	}
	return writtenPrice{from, p.written(), p.Tiers}, nil
}

// MarshalYAML writes a tier in dollars.
func (t PriceTier) MarshalYAML() (any, error) {
	return writtenTier{t.AboveTokens, t.written()}, nil
}
