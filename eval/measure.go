package eval

import "github.com/semroute/semroute/router"

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
	r.Accuracy = share(led, r.NInScope)
	r.InScopeAccuracy = share(acceptedRight, r.NInScope)
	r.OOSRecall = share(refused, r.NOutOfScope)
	r.Coverage = share(accepted, r.N)
	r.Precision = share(acceptedRight, accepted)
	r.Degraded, r.Truncated = share(degraded, r.N), share(truncated, r.N)
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
	}, share(counts[router.StageRule]+counts[router.StageStatic], len(seen))
}
