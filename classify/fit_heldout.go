package classify

// Prediction is the decision on a training example by a model that was not
// trained on it. Examples without a route are judged by the whole model, which
// did not learn their texts either.
type Prediction struct {
	Example  int32 // place in Examples
	Label    int32 // its own route, or None
	Route    int32 // the decision
	RunnerUp int32 // the second, or None
	// Confidence, Margin, Known and Similarity are those of a Verdict.
	Confidence, Margin, Known, Similarity float32
}

// Right says whether the decision was the example's own route.
func (p *Prediction) Right() bool { return p.Label == p.Route }

// observed is the evidence that training gathered: on held-out examples and on
// those without a route, by example; on those of the routes left out of a
// training, by set; and on the background.
type observed struct {
	held, given []evidence
	left        [][]evidence
	beside      []evidence
}

// fitHeldOut fits fusion, gate and calibration on what held-out examples showed, and
// keeps the decisions on them.
func (m *Model) fitHeldOut(t *trainer, o observed, trained bool) {
	held, given := o.held, o.given
	var seen []evidence
	var labels []int32
	var at []int
	for i := range held {
		if held[i].n > 0 {
			seen, labels, at = append(seen, held[i]), append(labels, t.examples.Labels[i]), append(at, i)
		}
	}
	m.fusion = fitFusion(seen, labels)
	inside := m.judgeAll(seen)
	var outside, nowhere []opinion
	for _, list := range o.left {
		outside = append(outside, m.judgeAll(list)...)
	}
	for i := range given {
		if given[i].n > 0 {
			nowhere = append(nowhere, m.fusion.judge(&given[i]))
		}
	}
	beside := m.judgeAll(o.beside)
	m.gate = fitGate(inside, outsiders{left: outside, given: nowhere, beside: beside}, trained)
	both, right := make([]float64, len(inside)), make([]bool, len(inside))
	for k := range inside {
		both[k] = joint(inside[k].odds, m.gate.logOdds(&inside[k]))
		right[k] = seen[k].routes[inside[k].best] == labels[k]
	}
	m.calibration = fitCalibration(both, right)
	for k, i := range at {
		m.held = append(m.held, m.predict(i, labels[k], &seen[k]))
	}
	for i := range given {
		if given[i].n > 0 {
			m.held = append(m.held, m.predict(i, None, &given[i]))
		}
	}
	m.thresholds = m.defaultThresholds(nowhere, beside)
}

func (m *Model) confidences(list []opinion) []float32 {
	out := make([]float32, len(list))
	for i := range list {
		out[i] = float32(m.calibration.confidence(joint(list[i].odds, m.gate.logOdds(&list[i]))))
	}
	return out
}

func (m *Model) knowns(list []opinion) []float32 {
	out := make([]float32, len(list))
	for i := range list {
		out[i] = float32(m.gate.known(&list[i]))
	}
	return out
}

func (m *Model) judgeAll(list []evidence) []opinion {
	out := make([]opinion, len(list))
	for i := range list {
		out[i] = m.fusion.judge(&list[i])
	}
	return out
}

// predict is the decision on one example as it is kept.
func (m *Model) predict(example int, label int32, e *evidence) Prediction {
	var v Verdict
	m.decide(&v, e)
	p := Prediction{
		Example: int32(example), Label: label, Route: v.Route, RunnerUp: None,
		Confidence: v.Confidence, Margin: v.Margin, Known: v.Known, Similarity: v.Similarity,
	}
	if v.N > 1 {
		p.RunnerUp = v.Candidates[1].Route
	}
	return p
}
