package router

import "fmt"

// Explain says in one sentence what was decided and why.
func (d *Decision) Explain() string {
	switch {
	case d.Reason == ReasonEmpty:
		return "The prompt holds no text to route."
	case d.Reason == ReasonRule:
		return fmt.Sprintf("Rule %q refuses this prompt.", d.Rule)
	case d.Abstained && len(d.Candidates) == 0:
		return "No route was near enough to consider."
	case d.Abstained:
		return fmt.Sprintf("%s led with confidence %.2f and margin %.2f, but is %s (%.2f asked).",
			d.Candidates[0].Route, d.Confidence, d.Margin, d.Reason, d.Bound)
	case d.Stage == StageRule && d.Route == "":
		return fmt.Sprintf("Rule %q chose the model %s.", d.Rule, d.Model())
	case d.Stage == StageRule:
		return fmt.Sprintf("Rule %q chose %s.", d.Rule, d.Route)
	case len(d.Candidates) > 1:
		return fmt.Sprintf("%s with confidence %.2f, %.2f ahead of %s.", d.Route, d.Confidence, d.Margin, d.Candidates[1].Route)
	}
	return fmt.Sprintf("%s with confidence %.2f.", d.Route, d.Confidence)
}
