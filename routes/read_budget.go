package routes

import (
	"math"
	"slices"

	"github.com/semroute/semroute/internal/strictyaml"
)

func (l *loading) budget(v value) {
	b := Budget{Window: Day, OnExceeded: Refuse}
	var match value
	ok := readMapping(v, "a budget",
		field{"name", func(v value) { b.Name, _ = readName(v, "budget name") }},
		field{"per", func(v value) { b.Per, _ = strictyaml.OneOf(v, "budget scope", PerUser, PerTeam, PerRoute, PerKey) }},
		field{"match", func(v value) { match = v; b.Match, _ = readName(v, "match") }},
		field{"usd", func(v value) { pointer(&b.USD, func() (int64, bool) { return readDollars(v, "usd") }) }},
		field{"tokens_per_minute", func(v value) {
			b.TokensPerMinute, _ = v.Integer("tokens_per_minute", 1, math.MaxInt64)
		}},
		field{"window", func(v value) { b.Window, _ = strictyaml.OneOf(v, "window", Day, Month) }},
		field{"on_exceeded", func(v value) { b.OnExceeded, _ = strictyaml.OneOf(v, "on_exceeded", Refuse, Downgrade) }},
	)
	if !ok || !requireKeys(v, "a budget", "name", "per") {
		return
	}
	if keys := v.Keys(); !slices.Contains(keys, "usd") && !slices.Contains(keys, "tokens_per_minute") {
		v.Bad("budget %s limits nothing; give it usd or tokens_per_minute", strictyaml.Quote(b.Name))
	}
	if b.Per == PerRoute && b.Match != "" {
		l.all = append(l.all, mention{kind: aRoute, name: b.Match, at: match.Place, by: "budget " + strictyaml.Quote(b.Name)})
	}
	if b.Name == "" {
		return
	}
	l.declare(aBudget, b.Name, v.Place)
	l.catalog.Budgets = append(l.catalog.Budgets, b)
}
