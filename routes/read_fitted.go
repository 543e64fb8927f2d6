package routes

import "github.com/semroute/semroute/internal/strictyaml"

func (l *loading) fitted(v value) {
	f := &Fitted{}
	ok := readMapping(v, "fitted",
		words("embedder", &f.Embedder),
		words("training", &f.Training),
		share("precision", &f.Precision),
		field{"thresholds", func(v value) { readThresholds(v, &f.Thresholds) }},
		field{"routes", func(v value) { f.Routes = l.fittedRoutes(v) }},
		field{"static", func(v value) { f.Static = readStatic(v) }},
		field{"reference", func(v value) { f.Reference = l.reference(v) }},
	)
	if ok && requireKeys(v, "fitted", "embedder") {
		l.catalog.Fitted, l.fittedPlace = f, v.Place
	}
}

// fittedRoutes reads a bound per route. Routes that no longer exist are dropped
// at the end: a catalog must stay loadable for the next fit.
func (l *loading) fittedRoutes(v value) map[string]float64 {
	bounds := map[string]float64{}
	v.Entries("fitted routes", func(key string, at Position, item value) {
		if bound, ok := item.Number("the bound of "+holder(key), 0, 1); ok {
			bounds[key] = bound
			l.fittedAt = append(l.fittedAt, mention{kind: aRoute, name: key, at: at})
		}
	})
	if len(bounds) == 0 {
		return nil
	}
	return bounds
}

func readStatic(v value) *StaticBound {
	b := &StaticBound{}
	if !readMapping(v, "static", share("min_confidence", &b.MinConfidence), share("min_margin", &b.MinMargin)) {
		return nil
	}
	requireKeys(v, "static", "min_confidence", "min_margin")
	return b
}

// dropStale takes the bounds of routes that no longer exist out of the fit.
func (l *loading) dropStale() {
	if l.catalog.Fitted == nil {
		return
	}
	if r := l.catalog.Fitted.Reference; r != nil {
		for _, m := range l.sharesAt {
			if _, ok := l.names[aRoute][m.name]; !ok {
				delete(r.Shares, m.name)
			}
		}
	}
	for _, m := range l.fittedAt {
		if _, ok := l.names[aRoute][m.name]; ok {
			continue
		}
		delete(l.catalog.Fitted.Routes, m.name)
		l.catalog.Warnings = append(l.catalog.Warnings, Problem{
			Position: m.at,
			Message:  "route " + strictyaml.Quote(m.name) + " was fitted but is gone; run semroute fit again",
		})
	}
}

// warnOldFit says that what was fitted was measured on other utterances. Whoever
// loads the catalog hears of it: bounds that belong to another state keep no
// promise.
func (l *loading) warnOldFit() {
	f := l.catalog.Fitted
	if f == nil || f.Training == "" || f.Training == l.catalog.TrainingFingerprint() {
		return
	}
	l.catalog.Warnings = append(l.catalog.Warnings, Problem{
		Position: l.fittedPlace,
		Message:  "this fit was made for another state of the routes, so its bounds may not keep their promise; run semroute fit again",
	})
}
