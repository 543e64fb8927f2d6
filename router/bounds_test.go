package router

import (
	"testing"

	"github.com/semroute/semroute/routes"
)

func number(x float64) *float64 { return &x }

// TestWhoIsUnknownIsRefusedUnlessTheCatalogSaysHowSureToBe holds that LeastKnown is
// a default alone.
func TestWhoIsUnknownIsRefusedUnlessTheCatalogSaysHowSureToBe(t *testing.T) {
	defaults := Bounds{Confidence: .6, LeastKnown: .8, Known: .5, Similarity: -1}
	route := func(least *float64) []routes.Route { return []routes.Route{{Name: "a", MinConfidence: least}} }
	fitted := &routes.Fitted{Embedder: "e"}
	fitted.MinConfidence = number(.5)
	for name, c := range map[string]struct {
		catalog routes.Catalog
		want    Reason
	}{
		"nothing is said":     {routes.Catalog{Routes: route(nil)}, ReasonFar},
		"fit found a bound":   {routes.Catalog{Routes: route(nil), Fitted: fitted}, ReasonFar},
		"the catalog says it": {routes.Catalog{Routes: route(nil), Thresholds: routes.Thresholds{MinConfidence: number(.5)}}, ReasonNone},
		"the route says it":   {routes.Catalog{Routes: route(number(0))}, ReasonNone},
		"only a margin":       {routes.Catalog{Routes: route(nil), Thresholds: routes.Thresholds{MinMargin: number(.1)}}, ReasonFar},
	} {
		b := BoundsFor(&c.catalog, "e", defaults)["a"]
		got, bound := b.check(&Ranking{Known: .7, Nearest: .5}, .9, .9)
		if got != c.want || bound != 0 {
			t.Errorf("%s: %q, bound %v; want %q", name, got, bound, c.want)
		}
	}
}
