package routes

import "time"

// rates are Rates as they are written.
type rates struct {
	Input      dollars  `yaml:"input_per_mtok"`
	Output     dollars  `yaml:"output_per_mtok"`
	Cached     *dollars `yaml:"cached_input_per_mtok,omitempty"`
	CacheWrite *dollars `yaml:"cache_write_per_mtok,omitempty"`
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
	return struct {
		ValidFrom string      `yaml:"valid_from,omitempty"`
		Rates     rates       `yaml:",inline"`
		Tiers     []PriceTier `yaml:"tiers,omitempty"`
	}{from, p.written(), p.Tiers}, nil
}

// MarshalYAML writes a tier in dollars.
func (t PriceTier) MarshalYAML() (any, error) {
	return struct {
		AboveTokens int64 `yaml:"above_tokens"`
		Rates       rates `yaml:",inline"`
	}{t.AboveTokens, t.written()}, nil
}
