package router

import "github.com/semroute/semroute/index"

// Match is an utterance near the prompt.
type Match = index.Match

// Stage is what decided.
type Stage uint8

// The stages, in the order in which they run.
const (
	StageRule Stage = iota + 1
	StageStatic
	StageSemantic
	StageFallback
	// StageNamed: nothing was decided, the caller has named the route or the model.
	StageNamed
)

// String gives the stage as it stands in records.
func (s Stage) String() string {
	switch s {
	case StageRule:
		return "RULE"
	case StageStatic:
		return "STATIC"
	case StageSemantic:
		return "SEMANTIC"
	case StageFallback:
		return "FALLBACK"
	case StageNamed:
		return "NAMED"
	}
	return "UNKNOWN"
}

// Reason says why the router abstained; empty when it did not.
type Reason string

// The reasons of an abstention.
const (
	ReasonNone            Reason = ""
	ReasonBelowConfidence Reason = "below confidence"
	ReasonBelowMargin     Reason = "below margin"
	ReasonFar             Reason = "far from every utterance"
	ReasonEmpty           Reason = "empty prompt"
	ReasonRule            Reason = "rule said so"
)

// Decision is the answer to one prompt. Its slices may be shared: they are to be
// read, not changed.
type Decision struct {
	ID string
	// Route is the chosen route; empty means none.
	Route string
	// Models may serve the prompt, in order; a rule that names a model puts it alone.
	Models []string
	// Confidence is the probability in [0, 1] that the leading candidate is
	// right; Margin is how far it is ahead of the second.
	Confidence float64
	Margin     float64
	// Nearest is the similarity of the nearest utterance that was looked at, a
	// cosine; 0 where none was.
	Nearest float64
	// Leading and RunnerUp are the two routes that Confidence and Margin speak
	// of, shown among Candidates or not; empty where none was considered.
	Leading  string
	RunnerUp string
	Stage    Stage
	Reason   Reason
	// Bound is the threshold that Reason speaks of; 0 where a prompt is far because
	// it is more like what fits no route.
	Bound float64
	// MinMargin is how far Leading must be ahead to be chosen.
	MinMargin float64
	Abstained bool
	// Candidates are ordered by probability, Matches by similarity.
	Candidates []Candidate
	Matches    []Match
	// Degraded names what the decision had to do without.
	Degraded []Degradation
	// Fingerprint identifies the generation that decided.
	Fingerprint string
	Truncated   bool
	Cached      bool
	// FallbackRoute is the route whose models serve an abstention.
	FallbackRoute string
	// Rule is the rule that decided or restricted; RuleCost its steps.
	Rule     string
	RuleCost uint64
	// NonText counts message parts that were not embedded; Turns the turns that were.
	NonText int
	Turns   int
	// Omitted counts blocks of text that were left out because an agent's tool,
	// not a person, has written them.
	Omitted int
	Timings Timings
}

// Candidate is a route that was considered.
type Candidate struct {
	Route string
	// Probability that the route is right, in [0, 1].
	Probability float64
	// Similarity of its nearest utterance, a cosine; 0 when none was looked at.
	Similarity float64
	// MinConfidence is what its Probability must reach for it to be chosen.
	MinConfidence float64
}

// Timings are in microseconds.
type Timings struct {
	Total, Rules, Embed, Search, Score uint32
}

// Model is the first that may serve the prompt, or empty.
func (d *Decision) Model() string {
	if len(d.Models) == 0 {
		return ""
	}
	return d.Models[0]
}
