package eval

import "strings"

// Measure is one number of a Result by its name in the JSON form, with dots
// between the levels: "accuracy", "latency_us.p50", "per_route.refunds.f1".
// Value is nil where the number is not defined for the data.
type Measure struct {
	Name  string
	Value *float64
}

// routeMeasure begins the names of a route's measures.
const routeMeasure = "per_route."

// Measures lists every number of the result that a gate can ask for.
func (r *Result) Measures() []Measure {
	list := r.Overall()
	for i := range r.PerRoute {
		m := &r.PerRoute[i]
		prefix := routeMeasure + m.Route + "."
		list = append(list,
			Measure{prefix + "precision", m.Precision},
			Measure{prefix + "recall", m.Recall},
			Measure{prefix + "f1", &m.F1},
			whole(prefix+"support", m.Support),
			whole(prefix+"abstained", m.Abstained),
		)
	}
	return list
}

// Overall lists the measures that are not of one route. Every result has the
// same names.
func (r *Result) Overall() []Measure {
	list := []Measure{
		whole("n", r.N),
		whole("n_in_scope", r.NInScope),
		whole("n_out_of_scope", r.NOutOfScope),
		{"accuracy", r.Accuracy},
		{"in_scope_accuracy", r.InScopeAccuracy},
		{"oos_recall", r.OOSRecall},
		{"oos_auroc", r.OOSAUROC},
		{"coverage", r.Coverage},
		{"precision", r.Precision},
		{"macro_f1", r.MacroF1},
		{"ece", r.ECE},
		{"aurc", r.AURC},
		{"embed_calls_saved", r.EmbedCallsSaved},
		{"degraded", r.Degraded},
		{"truncated", r.Truncated},
		{"latency_us.p50", &r.Latency.P50},
		{"latency_us.p99", &r.Latency.P99},
		{"latency_us.batch", &r.Latency.Batch},
		{"stages.rule", &r.Stages.Rule},
		{"stages.static", &r.Stages.Static},
		{"stages.semantic", &r.Stages.Semantic},
		{"stages.fallback", &r.Stages.Fallback},
	}
	robustness := []Measure{
		{Name: "robustness.typo_flips"},
		{Name: "robustness.typo_decision_flips"},
		{Name: "robustness.case_flips"},
		{Name: "robustness.case_decision_flips"},
	}
	if b := r.Robustness; b != nil {
		for i, v := range []*float64{&b.TypoFlips, &b.TypoDecisionFlips, &b.CaseFlips, &b.CaseDecisionFlips} {
			robustness[i].Value = v
		}
	}
	return append(list, robustness...)
}

func whole(name string, n int) Measure {
	v := float64(n)
	return Measure{Name: name, Value: &v}
}

// overallNames are the names of the measures that every result has.
func overallNames() []string {
	var names []string
	for _, m := range new(Result).Overall() {
		names = append(names, m.Name)
	}
	return names
}

func isRouteMeasure(name string) bool { return strings.HasPrefix(name, routeMeasure) }
