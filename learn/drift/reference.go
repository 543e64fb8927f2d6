package drift

import (
	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// FromPredictions is the reference of predictions, with the routes' names by
// number and the bounds under which they get none. Those on the catalog's own
// utterances say nothing about how often each route is asked, and examples of what
// fits none are left out of them. It is nil where nothing is left.
func FromPredictions(predictions []classify.Prediction, names []string, bounds map[string]router.Bounds, from routes.ReferenceSource) *routes.Reference {
	var t Tally
	for i := range predictions {
		p := &predictions[i]
		if from == routes.FromUtterances && p.Label == classify.None {
			continue
		}
		o := Observation{Confidence: float64(p.Confidence), Similarity: float64(p.Similarity)}
		if p.Route != classify.None {
			name := names[p.Route]
			if b := bounds[name]; o.Confidence >= b.Confidence && float64(p.Margin) >= b.Margin && o.Similarity >= b.Similarity {
				o.Route = name
			}
		}
		t.Add(&o)
	}
	r := t.Reference(from)
	if r != nil && from == routes.FromUtterances {
		r.Shares = nil
	}
	return r
}

// Stored is the reference of a generation: what fit wrote where it was made for the
// same utterances and embedder, else the decisions on its held-out utterances. It
// is nil where it has neither, and where the static stage decides first, whose
// similarities are of other vectors: then traffic has to be the reference.
func Stored(g *router.Generation) *routes.Reference {
	c := g.Catalog()
	if g.StaticFirst() || g.StandIn() != "" {
		return nil
	}
	if f := c.Fitted; f != nil && f.Reference != nil && f.Embedder == g.Embedder() && f.Training == c.TrainingFingerprint() {
		return f.Reference
	}
	ranker, ok := g.Ranker().(*router.Classifier)
	if !ok {
		return nil
	}
	return FromPredictions(ranker.Model().HeldOut(), ranker.Routes(), g.Bounds(), routes.FromUtterances)
}
