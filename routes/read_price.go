package routes

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"
	"github.com/semroute/semroute/internal/strictyaml"
)

// readPrices reads one price, or a list of prices of which each has the day
// from which it counts.
func readPrices(v value) Prices {
	if _, several := v.Node.(*ast.SequenceNode); !several {
		p, ok := readPrice(v)
		if !ok {
			return nil
		}
		return Prices{p}
	}
	var all Prices
	began := map[int64]Position{}
	before := v.Found().Count()
	v.List("price", func(item value) {
		p, ok := readPrice(item)
		if !ok {
			return
		}
		if first, twice := began[p.ValidFrom.UnixNano()]; twice {
			item.Bad("two prices count from the same time, the first at %s; give each another valid_from", first)
			return
		}
		began[p.ValidFrom.UnixNano()] = item.Place
		all = append(all, p)
	})
	if len(all) == 0 && v.Found().Count() == before {
		v.Bad("price is a list without a price")
	}
	slices.SortFunc(all, func(a, b Price) int { return a.ValidFrom.Compare(b.ValidFrom) })
	return all
}

// readPrice reports false after a complaint.
func readPrice(v value) (Price, bool) {
	var p Price
	before := v.Found().Count()
	fields := append(rateFields(&p.Rates),
		field{"valid_from", func(v value) { p.ValidFrom = readDay(v, "valid_from") }},
		field{"tiers", func(v value) { p.Tiers = readTiers(v) }},
	)
	if !readMapping(v, "price", fields...) || !requireKeys(v, "price", "input_per_mtok", "output_per_mtok") || v.Found().Count() > before {
		return p, false
	}
	if len(p.Tiers) > 0 && p.Tiers[0].below(p.Rates) {
		v.Bad("the first tier costs less than shorter prompts do; tiers are for longer prompts, which cost at least as much")
		return p, false
	}
	return p, true
}

func rateFields(r *Rates) []field {
	return []field{
		{"input_per_mtok", func(v value) { r.InputPerMTok, _ = readDollars(v, "input_per_mtok") }},
		{"output_per_mtok", func(v value) { r.OutputPerMTok, _ = readDollars(v, "output_per_mtok") }},
		{"cached_input_per_mtok", func(v value) {
			pointer(&r.CachedInputPerMTok, func() (int64, bool) { return readDollars(v, "cached_input_per_mtok") })
		}},
		{"cache_write_per_mtok", func(v value) {
			pointer(&r.CacheWritePerMTok, func() (int64, bool) { return readDollars(v, "cache_write_per_mtok") })
		}},
	}
}

// readTiers reads the rates of longer prompts, in any order.
func readTiers(v value) []PriceTier {
	type placed struct {
		PriceTier
		value
	}
	var all []placed
	v.List("tiers", func(item value) {
		t, before := placed{value: item}, v.Found().Count()
		fields := append(rateFields(&t.Rates), field{"above_tokens", func(v value) {
			t.AboveTokens, _ = v.Integer("above_tokens", 1, math.MaxInt32)
		}})
		if readMapping(item, "a tier", fields...) && requireKeys(item, "a tier", "above_tokens", "input_per_mtok", "output_per_mtok") &&
			v.Found().Count() == before {
			all = append(all, t)
		}
	})
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.AboveTokens, b.AboveTokens) })
	var tiers []PriceTier
	for i, t := range all {
		switch {
		case i > 0 && t.AboveTokens == all[i-1].AboveTokens:
			t.Bad("two tiers begin above %d tokens, the first at %s", t.AboveTokens, all[i-1].Place)
		case i > 0 && t.below(all[i-1].Rates):
			t.Bad("this tier costs less than the one at %s; longer prompts cost at least as much", all[i-1].Place)
		}
		tiers = append(tiers, t.PriceTier)
	}
	return tiers
}

// readDay reads a date, which begins in UTC, or a time with its zone; the zero
// time after a complaint.
func readDay(v value, what string) time.Time {
	s, ok := v.Text(what)
	if !ok {
		return time.Time{}
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC()
		}
	}
	v.Bad("%s: %s is not a date; write it as 2026-03-01, or with a time as 2026-03-01T12:00:00Z", what, strictyaml.Quote(s))
	return time.Time{}
}
