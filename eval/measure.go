package eval

import (
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Measured are the measures of decisions that were made for prompts, in the same
// order. Latency and robustness, which take further decisions, are left out.
func Measured(prompts []routes.Labelled, decisions []router.Decision) *Result {
	return measure(observe(prompts, decisions))
}

// measure computes everything that follows from the decisions alone.
func measure(seen []observation) *Result {
	r := &Result{N: len(seen)}
	var led, acceptedRight, refused, accepted, degraded, truncated int
	for i := range seen {
		o := &seen[i]
		if len(o.decision.Degraded) > 0 {
			degraded++
		}
		if o.decision.Truncated {
			truncated++
		}
		if o.accepted() {
			accepted++
		}
		switch {
		case !o.inScope():
			r.NOutOfScope++
			if !o.accepted() {
				refused++
			}
			continue
		case o.right():
			acceptedRight++
		}
		r.NInScope++
		if o.leadsRight() {
			led++
		}
	}
	r.Accuracy = Share(led, r.NInScope)
	r.InScopeAccuracy = Share(acceptedRight, r.NInScope)
	r.OOSRecall = Share(refused, r.NOutOfScope)
	r.Coverage = Share(accepted, r.N)
	r.Precision = Share(acceptedRight, accepted)
	r.Degraded, r.Truncated = Share(degraded, r.N), Share(truncated, r.N)
	in, out := split(seen)
	r.OOSAUROC = auroc(in, out)
	r.Histogram = histogram(in, out)
	r.Reliability, r.ECE = calibration(seen)
	r.RiskCoverage, r.AURC = riskCoverage(seen)
	r.PerRoute, r.MacroF1 = perRoute(seen)
	r.Confusions = confusions(seen)
	r.Errors = wrongs(seen)
	r.Stages, r.EmbedCallsSaved = stages(seen)
	if len(seen) > 0 {
		r.Fingerprint = seen[0].decision.Fingerprint
	}
	return r
}

func stages(seen []observation) (Stages, *float64) {
	var counts [router.StageFallback + 1]int
	for i := range seen {
		if s := seen[i].decision.Stage; s <= router.StageFallback {
			counts[s]++
		}
	}
	of := func(s router.Stage) float64 {
		if len(seen) == 0 {
			return 0
		}
		return float64(counts[s]) / float64(len(seen))
	}
	return Stages{
		Rule:     of(router.StageRule),
		Static:   of(router.StageStatic),
		Semantic: of(router.StageSemantic),
		Fallback: of(router.StageFallback),
	}, Share(counts[router.StageRule]+counts[router.StageStatic], len(seen))
}
