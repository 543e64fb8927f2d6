package router

import "github.com/semroute/semroute/routes"

// Bounds are what a leading candidate must reach to be chosen.
type Bounds struct {
	Confidence float64
	Margin     float64
	// Similarity is the cosine that the nearest utterance must reach; -1 asks nothing.
	Similarity float64
	// LeastKnown is the probability of belonging to any route that a prompt must
	// reach; 0 asks nothing. It is a default alone: a catalog that says how sure a
	// decision must be is taken at its word.
	LeastKnown float64
	// Known tells apart why confidence is low: below it, because the prompt is
	// far from every utterance.
	Known float64
}

// BoundsFor settles the bounds of every route. The most specific setting
// wins: the route's own, what fit found for the route, the catalog's, what fit
// found overall, the ranker's default. What fit found counts only for the
// embedder that it measured.
func BoundsFor(c *routes.Catalog, embedder string, defaults Bounds) map[string]Bounds {
	overall := defaults
	fitted := fittedFor(c, embedder)
	if fitted != nil {
		overall = overall.override(fitted.Thresholds)
		overall.LeastKnown = defaults.LeastKnown
	}
	overall = overall.override(c.Thresholds)
	bounds := make(map[string]Bounds, len(c.Routes))
	for i := range c.Routes {
		route := &c.Routes[i]
		b := overall
		if fitted != nil {
			if confidence, ok := fitted.Routes[route.Name]; ok {
				b.Confidence = confidence
			}
		}
		bounds[route.Name] = b.override(routes.Thresholds{
			MinConfidence: route.MinConfidence,
			MinMargin:     route.MinMargin,
		})
	}
	return bounds
}

func fittedFor(c *routes.Catalog, embedder string) *routes.Fitted {
	if c.Fitted == nil || c.Fitted.Embedder != embedder {
		return nil
	}
	return c.Fitted
}

func (b Bounds) override(t routes.Thresholds) Bounds {
	if t.MinConfidence != nil {
		b.Confidence, b.LeastKnown = *t.MinConfidence, 0
	}
	if t.MinMargin != nil {
		b.Margin = *t.MinMargin
	}
	if t.MinSimilarity != nil {
		b.Similarity = *t.MinSimilarity
	}
	return b
}

// check says why the ranking is not good enough, and the bound it missed.
func (b Bounds) check(r *Ranking, confidence, margin float64) (Reason, float64) {
	switch {
	case r.Nearest < b.Similarity:
		return ReasonFar, b.Similarity
	case r.Known < b.LeastKnown:
		return ReasonFar, 0
	case confidence < b.Confidence && r.Known < b.Known:
		return ReasonFar, b.Confidence
	case confidence < b.Confidence:
		return ReasonBelowConfidence, b.Confidence
	case margin < b.Margin:
		return ReasonBelowMargin, b.Margin
	}
	return ReasonNone, 0
}
