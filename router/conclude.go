package router

// conclude turns a ranking into the decision. The static stage in front leaves
// a prompt open for the next one unless it is sure enough.
func (b *batch) conclude(stage Stage, j *job, r Ranking) {
	alien := j.foreign != "" && !b.spaceOf(stage).Speaks[j.foreign]
	if alien {
		r.doubt()
	}
	top, margin := r.lead()
	if stage == StageStatic && (alien || !b.staticDecides(&r, top, margin)) {
		return
	}
	d := &j.decision
	d.Candidates = b.bounded(stage, r.Candidates[:min(len(r.Candidates), b.limits.Candidates)])
	d.Matches = r.Matches[:min(len(r.Matches), b.limits.Matches)]
	d.Confidence, d.Margin, d.Nearest = top, margin, r.Nearest
	if len(r.Candidates) == 0 {
		b.abstain(j, ReasonFar, 0)
		return
	}
	route := r.Candidates[0].Route
	d.Leading, d.MinMargin = route, b.boundsOf(stage)[route].Margin
	if len(r.Candidates) > 1 {
		d.RunnerUp = r.Candidates[1].Route
	}
	reason, bound := b.verdict(stage, &r)
	if alien {
		reason, bound = ReasonFar, b.boundsOf(stage)[route].Confidence
	}
	switch {
	case stage == StageFallback: // the static stage standing in for the semantic one
		stage = StageStatic
	case b.g.standIn != "":
		stage = StageStatic
	}
	if reason != ReasonNone {
		b.abstain(j, reason, bound)
		return
	}
	b.choose(j, stage, route)
}

// verdict says why a stage would not choose the ranking's leader, and the bound
// that was missed.
func (b *batch) verdict(stage Stage, r *Ranking) (Reason, float64) {
	if len(r.Candidates) == 0 {
		return ReasonFar, 0
	}
	top, margin := r.lead()
	return b.boundsOf(stage)[r.Candidates[0].Route].check(r, top, margin)
}

// bounded are the candidates with what each must reach. The ranking's own may be
// another prompt's as well.
func (b *batch) bounded(stage Stage, candidates []Candidate) []Candidate {
	bounds := b.boundsOf(stage)
	own := make([]Candidate, len(candidates))
	for i, c := range candidates {
		c.MinConfidence = bounds[c.Route].Confidence
		own[i] = c
	}
	return own
}

// boundsOf are the bounds of the vectors that a stage decides by.
func (b *batch) boundsOf(stage Stage) map[string]Bounds {
	if stage == StageFallback {
		return b.g.staticSpace
	}
	return b.g.bounds
}

// spaceOf is what a stage decides by.
func (b *batch) spaceOf(stage Stage) *Space {
	if stage == StageStatic || stage == StageFallback {
		return b.g.static
	}
	return &b.g.semantic
}

// staticDecides says that the static stage is as good as the semantic one here
// and passes the route's own bounds.
func (b *batch) staticDecides(r *Ranking, top, margin float64) bool {
	bound := b.g.staticBound
	if len(r.Candidates) == 0 || top < bound.MinConfidence || margin < bound.MinMargin {
		return false
	}
	reason, _ := b.g.bounds[r.Candidates[0].Route].check(r, top, margin)
	return reason == ReasonNone
}

// choose closes the prompt with a route and its models.
func (b *batch) choose(j *job, stage Stage, route string) {
	j.open = false
	j.decision.Stage, j.decision.Route = stage, route
	if j.decision.Models == nil {
		j.decision.Models = b.g.models[route]
	}
}

// abstain closes the prompt with none, a reason and the fallback's models.
func (b *batch) abstain(j *job, reason Reason, bound float64) {
	j.open = false
	d := &j.decision
	d.Stage, d.Abstained, d.Route = StageFallback, true, ""
	d.Reason, d.Bound = reason, bound
	d.FallbackRoute = b.g.catalog.Fallback.Route
	if d.Models == nil {
		d.Models = b.g.fallback
	}
}
