package routes

// Cascade accepts a cheap model's answer if it passes every check, else asks
// the next model.
type Cascade struct {
	// Accept are the checks that an answer must pass, one at least.
	Accept []Check `yaml:"accept"`
}

// Check is one condition on an answer. Kind says which of the other fields counts.
type Check struct {
	Kind CheckKind
	// Pattern is the regular expression (RE2) of MatchesRegex and NotRegex.
	Pattern string
	// JSONSchema is the schema of MatchesSchema, as JSON.
	JSONSchema string
	// MinLogprob is the least mean log-probability of MeanLogprob, at most 0.
	MinLogprob float64
	// Judge is set for JudgedBy.
	Judge *Judge
	// When is the CEL expression of WhenTrue. It is compiled elsewhere.
	When string
	// At is where the check's value begins; for When, where its text begins.
	At Position `fingerprint:"-"`
}

// Place is the position in the file of a line and column, from 1, within When.
func (c Check) Place(line, column int) Position { return c.At.Within(line, column) }

// CheckKind names a kind of check by its key in the catalog.
type CheckKind string

// The kinds of checks.
const (
	MatchesRegex  CheckKind = "regex"
	NotRegex      CheckKind = "not_regex"
	MatchesSchema CheckKind = "json_schema"
	MeanLogprob   CheckKind = "min_logprob"
	JudgedBy      CheckKind = "judge"
	WhenTrue      CheckKind = "when"
	NotRefusal    CheckKind = "not_refusal"
	NotEmpty      CheckKind = "not_empty"
)

// Judge is a model that scores answers.
type Judge struct {
	// Model is the one that is asked, of the catalog.
	Model string `yaml:"model"`
	// MinScore in [0, 1] is the least score that is accepted.
	MinScore float64 `yaml:"min_score"`
	// Prompt tells the judge what to look at. Default: the forwarder's own.
	Prompt string `yaml:"prompt,omitempty"`
}
