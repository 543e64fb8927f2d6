package authfile

import (
	"math"

	"github.com/goccy/go-yaml/ast"

	"github.com/semroute/semroute/auth"
)

func readBudget(v value) *auth.Budget {
	b := &auth.Budget{}
	mapping(v, "a budget", map[string]func(value){
		"usd": func(v value) {
			text, quoted := v.Node.(*ast.StringNode)
			if !quoted {
				if _, ok := v.Float("usd"); !ok {
					return
				}
			}
			amount := v.Node.GetToken().Value
			if quoted {
				amount = text.Value
			}
			nano, err := auth.ParseUSD(amount)
			if err != nil {
				v.Bad("usd: %v", err)
			}
			b.USD = &nano
		},
		"window":            func(v value) { b.Window, _ = v.Text("window") },
		"tokens_per_minute": func(v value) { b.TokensPerMinute, _ = v.Integer("tokens_per_minute", 1, math.MaxInt64) },
	})
	return b
}

func readLimits(v value) auth.Limits {
	const most = 1e9
	var l auth.Limits
	mapping(v, "limits", map[string]func(value){
		"per_second": func(v value) { l.PerSecond, _ = v.Number("per_second", 0, most) },
		"burst": func(v value) {
			n, _ := v.Integer("burst", 1, most)
			l.Burst = int(n)
		},
		"concurrent": func(v value) {
			n, _ := v.Integer("concurrent", 1, most)
			l.Concurrent = int(n)
		},
	})
	return l
}
