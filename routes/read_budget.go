package routes

import (
	"math"
	"slices"
)

func (l *loading) budget(v value) {
	b := Budget{Window: Day, OnExceeded: Refuse}
	var match value
	ok := v.mapping("a budget",
		field{"name", func(v value) { b.Name, _ = v.name("budget name") }},
		field{"per", func(v value) { b.Per, _ = oneOf(v, "budget scope", PerUser, PerTeam, PerRoute) }},
		field{"match", func(v value) { match = v; b.Match, _ = v.name("match") }},
		field{"usd", func(v value) { pointer(&b.USD, func() (int64, bool) { return v.dollars("usd") }) }},
		field{"tokens_per_minute", func(v value) {
			b.TokensPerMinute, _ = v.integer("tokens_per_minute", 1, math.MaxInt64)
		}},
		field{"window", func(v value) { b.Window, _ = oneOf(v, "window", Day, Month) }},
		field{"on_exceeded", func(v value) { b.OnExceeded, _ = oneOf(v, "on_exceeded", Refuse, Downgrade) }},
	)
	if !ok || !requireKeys(v, "a budget", "name", "per") {
		return
	}
	if keys := presentKeys(v); !slices.Contains(keys, "usd") && !slices.Contains(keys, "tokens_per_minute") {
		v.bad("budget %s limits nothing; give it usd or tokens_per_minute", quote(b.Name))
	}
	if b.Per == PerRoute && b.Match != "" {
		l.all = append(l.all, mention{kind: aRoute, name: b.Match, at: match.place, by: "budget " + quote(b.Name)})
	}
	if b.Name == "" {
		return
	}
	l.declare(aBudget, b.Name, v.place)
	l.catalog.Budgets = append(l.catalog.Budgets, b)
}
