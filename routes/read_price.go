package routes

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// readPrices reads one price, or a list of prices of which each has the day
// from which it counts.
func readPrices(v value) Prices {
	if _, several := v.node.(*ast.SequenceNode); !several {
		p, ok := readPrice(v)
		if !ok {
			return nil
		}
		return Prices{p}
	}
	var all Prices
	began := map[int64]Position{}
	before := v.doc.found.count()
	v.list("price", func(item value) {
		p, ok := readPrice(item)
		if !ok {
			return
		}
		if first, twice := began[p.ValidFrom.UnixNano()]; twice {
			item.bad("two prices count from the same time, the first at %s; give each another valid_from", first)
			return
		}
		began[p.ValidFrom.UnixNano()] = item.place
		all = append(all, p)
	})
	if len(all) == 0 && v.doc.found.count() == before {
		v.bad("price is a list without a price")
	}
	slices.SortFunc(all, func(a, b Price) int { return a.ValidFrom.Compare(b.ValidFrom) })
	return all
}

// readPrice reports false after a complaint.
func readPrice(v value) (Price, bool) {
	var p Price
	before := v.doc.found.count()
	fields := append(rateFields(&p.Rates),
		field{"valid_from", func(v value) { p.ValidFrom = v.day("valid_from") }},
		field{"tiers", func(v value) { p.Tiers = readTiers(v) }},
	)
	if !v.mapping("price", fields...) || !requireKeys(v, "price", "input_per_mtok", "output_per_mtok") || v.doc.found.count() > before {
		return p, false
	}
	if len(p.Tiers) > 0 && p.Tiers[0].below(p.Rates) {
		v.bad("the first tier costs less than shorter prompts do; tiers are for longer prompts, which cost at least as much")
		return p, false
	}
	return p, true
}

func rateFields(r *Rates) []field {
	return []field{
		{"input_per_mtok", func(v value) { r.InputPerMTok, _ = v.dollars("input_per_mtok") }},
		{"output_per_mtok", func(v value) { r.OutputPerMTok, _ = v.dollars("output_per_mtok") }},
		{"cached_input_per_mtok", func(v value) {
			pointer(&r.CachedInputPerMTok, func() (int64, bool) { return v.dollars("cached_input_per_mtok") })
		}},
		{"cache_write_per_mtok", func(v value) {
			pointer(&r.CacheWritePerMTok, func() (int64, bool) { return v.dollars("cache_write_per_mtok") })
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
	v.list("tiers", func(item value) {
		t, before := placed{value: item}, v.doc.found.count()
		fields := append(rateFields(&t.Rates), field{"above_tokens", func(v value) {
			t.AboveTokens, _ = v.integer("above_tokens", 1, math.MaxInt32)
		}})
		if item.mapping("a tier", fields...) && requireKeys(item, "a tier", "above_tokens", "input_per_mtok", "output_per_mtok") &&
			v.doc.found.count() == before {
			all = append(all, t)
		}
	})
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.AboveTokens, b.AboveTokens) })
	var tiers []PriceTier
	for i, t := range all {
		switch {
		case i > 0 && t.AboveTokens == all[i-1].AboveTokens:
			t.bad("two tiers begin above %d tokens, the first at %s", t.AboveTokens, all[i-1].place)
		case i > 0 && t.below(all[i-1].Rates):
			t.bad("this tier costs less than the one at %s; longer prompts cost at least as much", all[i-1].place)
		}
		tiers = append(tiers, t.PriceTier)
	}
	return tiers
}

// day reads a date, which begins in UTC, or a time with its zone; the zero
// time after a complaint.
func (v value) day(what string) time.Time {
	s, ok := v.text(what)
	if !ok {
		return time.Time{}
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC()
		}
	}
	v.bad("%s: %s is not a date; write it as 2026-03-01, or with a time as 2026-03-01T12:00:00Z", what, quote(s))
	return time.Time{}
}
