package engine

import (
	"math"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/routes"
)

// StaticLoss is the accuracy that the static stage may cost where nobody says
// otherwise: 0.3 points.
const StaticLoss = 0.003

// staticShare is how many of the utterances the static stage may decide without a
// fit. Prompts are harder than utterances: on those of it that are left out, and
// that it is less sure of, nearly all is lost that it loses.
const staticShare = 0.78

// staticBound is from where on the static stage decides where the catalog has no
// fit for the embedder; nil where it may decide nothing.
func (a *Assembly) staticBound() *routes.StaticBound {
	return boundOf(a.cascade(StaticLoss, staticShare))
}

// cascade finds where the static stage may answer, by what both stages decide on
// utterances that they have not seen; nil where there is no static stage.
func (a *Assembly) cascade(maxLoss, maxShare float64) *classify.Cascade {
	if a.static == nil {
		return nil
	}
	cascade := classify.SafeCascade(a.static.ranker.Model().HeldOut(), a.Ranker().Model().HeldOut(), maxLoss, maxShare)
	return &cascade
}

func boundOf(c *classify.Cascade) *routes.StaticBound {
	if c == nil || math.IsInf(float64(c.Threshold), 1) {
		return nil
	}
	return &routes.StaticBound{MinConfidence: bound(c.Threshold)}
}
