package eval

import (
	"maps"
	"slices"
)

// RouteMeasures judge the decisions for one route, abstention on.
type RouteMeasures struct {
	Route string `json:"route"`
	// Precision is over the accepted decisions for the route, Recall over the
	// prompts of the route; nil when there are none. F1 joins both: it is their
	// harmonic mean, 0 when either is 0 or nil.
	Precision *float64 `json:"precision"`
	Recall    *float64 `json:"recall"`
	F1        float64  `json:"f1"`
	// Support counts the prompts of the route, Abstained those of them for
	// which no route was chosen.
	Support   int `json:"support"`
	Abstained int `json:"abstained"`
}

type routeCounts struct{ right, support, chosen, abstained int }

// perRoute gives the measures by name of the route, and the mean f1 of those
// that have prompts.
func perRoute(seen []observation) ([]RouteMeasures, *float64) {
	counts := map[string]*routeCounts{}
	of := func(route string) *routeCounts {
		if counts[route] == nil {
			counts[route] = &routeCounts{}
		}
		return counts[route]
	}
	for i := range seen {
		o := &seen[i]
		if o.accepted() {
			of(o.decision.Route).chosen++
		}
		if !o.inScope() {
			continue
		}
		c := of(o.Route)
		c.support++
		switch {
		case o.right():
			c.right++
		case !o.accepted():
			c.abstained++
		}
	}
	measures := make([]RouteMeasures, 0, len(counts))
	var sum float64
	supported := 0
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		m := counts[name].measures(name)
		measures = append(measures, m)
		if m.Support > 0 {
			sum += m.F1
			supported++
		}
	}
	if supported == 0 {
		return measures, nil
	}
	mean := sum / float64(supported)
	return measures, &mean
}

func (c *routeCounts) measures(name string) RouteMeasures {
	return RouteMeasures{
		Route:     name,
		Precision: Share(c.right, c.chosen),
		Recall:    Share(c.right, c.support),
		F1:        2 * float64(c.right) / float64(c.support+c.chosen), // a listed route has one of them
		Support:   c.support,
		Abstained: c.abstained,
	}
}
