package eval

import (
	"cmp"
	"slices"
)

// maxRiskPoints bounds the points of a risk–coverage curve.
const maxRiskPoints = 200

// RiskPoint says what accepting every leading route with a confidence of at
// least Threshold would give.
type RiskPoint struct {
	// Coverage is the share of all prompts that would be accepted.
	Coverage float64 `json:"coverage"`
	// Risk is the share of the accepted that would be wrong; out-of-scope
	// prompts always are.
	Risk      float64 `json:"risk"`
	Threshold float64 `json:"threshold"`
}

// riskCoverage gives the curve and the area under it. Prompts of equal
// confidence are accepted together; for the area their errors are spread
// evenly, so the order of the data does not matter. Prompts for which no route
// was considered cannot be accepted at any threshold.
func riskCoverage(seen []observation) ([]RiskPoint, *float64) {
	ranked := make([]*observation, 0, len(seen))
	for i := range seen {
		if seen[i].leading != "" {
			ranked = append(ranked, &seen[i])
		}
	}
	slices.SortFunc(ranked, func(a, b *observation) int { return cmp.Compare(b.score, a.score) })
	var points []RiskPoint
	var area float64
	wrong := 0
	for from := 0; from < len(ranked); {
		to, fresh := from, 0 // the prompts of equal score, and how many of them are wrong
		for ; to < len(ranked) && ranked[to].score == ranked[from].score; to++ {
			if !ranked[to].leadsRight() {
				fresh++
			}
		}
		for k := 1; k <= to-from; k++ {
			area += (float64(wrong) + float64(fresh)*float64(k)/float64(to-from)) / float64(from+k)
		}
		wrong += fresh
		points = append(points, RiskPoint{
			Coverage:  float64(to) / float64(len(seen)),
			Risk:      float64(wrong) / float64(to),
			Threshold: ranked[from].score,
		})
		from = to
	}
	if len(ranked) == 0 {
		return []RiskPoint{}, nil
	}
	area /= float64(len(ranked))
	return subsample(points), &area
}

// subsample keeps the first and last point and those evenly between.
func subsample(points []RiskPoint) []RiskPoint {
	if len(points) <= maxRiskPoints {
		return points
	}
	kept := make([]RiskPoint, maxRiskPoints)
	for i := range kept {
		kept[i] = points[i*(len(points)-1)/(maxRiskPoints-1)]
	}
	return kept
}
