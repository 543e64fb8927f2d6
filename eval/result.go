package eval

// Result holds the measures of one set of prompts. Shares are in [0, 1]; nil
// (null in JSON) means not defined for the data.
//
// A decision is accepted when it names a route. A prompt is in scope when its
// label does. The leading route is the chosen one, else the first candidate:
// what the decision would be with abstention off.
type Result struct {
	N           int `json:"n"`
	NInScope    int `json:"n_in_scope"`
	NOutOfScope int `json:"n_out_of_scope"`
	// Accuracy: the leading route is right, over in-scope prompts.
	Accuracy *float64 `json:"accuracy"`
	// InScopeAccuracy: accepted and right, over in-scope prompts.
	InScopeAccuracy *float64 `json:"in_scope_accuracy"`
	// OOSRecall: not accepted, over out-of-scope prompts.
	OOSRecall *float64 `json:"oos_recall"`
	// OOSAUROC is the chance that an in-scope prompt has a higher confidence
	// than an out-of-scope one; equal ones count half.
	OOSAUROC *float64 `json:"oos_auroc"`
	// Coverage: accepted, over all prompts.
	Coverage *float64 `json:"coverage"`
	// Precision: right, over accepted; an accepted out-of-scope prompt is wrong.
	Precision *float64 `json:"precision"`
	// MacroF1 is the mean f1 of the routes that the data holds, abstention on.
	MacroF1 *float64 `json:"macro_f1"`
	// ECE is the expected calibration error of in-scope prompts: the mean
	// distance of confidence and accuracy over 15 bins of equal width.
	ECE *float64 `json:"ece"`
	// AURC is the mean risk over all coverages: lower is better.
	AURC *float64 `json:"aurc"`
	// RiskCoverage has at most 200 points, the highest threshold first.
	RiskCoverage []RiskPoint      `json:"risk_coverage"`
	Reliability  []ReliabilityBin `json:"reliability"`
	Histogram    Histogram        `json:"confidence_histogram"`
	PerRoute     []RouteMeasures  `json:"per_route"`
	Confusions   []Confusion      `json:"confusions"`
	Errors       []Wrong          `json:"errors"`
	Robustness   *Robustness      `json:"robustness"`
	Stages       Stages           `json:"stages"`
	// EmbedCallsSaved: decided by a rule or the static stage, over all prompts.
	EmbedCallsSaved *float64 `json:"embed_calls_saved"`
	// Degraded: decided without something it should have had, over all prompts;
	// Truncated: only the beginning of the prompt was read.
	Degraded  *float64 `json:"degraded"`
	Truncated *float64 `json:"truncated"`
	Latency   Latency  `json:"latency_us"`
	// UnknownLabels says what was done with labels that the catalog lacks; absent
	// where there were none.
	UnknownLabels *Unknown `json:"unknown_labels,omitempty"`
	// Fingerprint identifies the generation that decided.
	Fingerprint string `json:"fingerprint"`
}

// Stages are the shares of all decisions that each stage made.
type Stages struct {
	Rule     float64 `json:"rule"`
	Static   float64 `json:"static"`
	Semantic float64 `json:"semantic"`
	Fallback float64 `json:"fallback"`
}

// Share is part/whole, nil when there is no whole.
func Share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	s := float64(part) / float64(whole)
	return &s
}
