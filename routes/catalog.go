package routes

// Catalog is the merged, validated content of all catalog files. It is
// immutable once loaded and safe to share.
type Catalog struct {
	// Models are the named upstreams that may be called; none where the server only decides.
	Models []Model `yaml:"models,omitempty"`
	// Routes are the kinds of prompts that are told apart.
	Routes []Route `yaml:"routes,omitempty"`
	// Rules are looked at in order before anything is embedded; the first that holds decides.
	Rules []Rule `yaml:"rules,omitempty"`
	// Fallback serves what no route took.
	Fallback Fallback `yaml:"fallback,omitempty"`
	// None holds utterances that fit no route: examples of what to refuse.
	None []string `yaml:"none,omitempty"`
	// NoneAt says where each of None stands; nil in a catalog made by hand.
	NoneAt []Position `yaml:"-" fingerprint:"-"`
	// Thresholds are the catalog-wide bounds under which the router abstains.
	Thresholds Thresholds `yaml:"thresholds,omitempty"`
	// Fitted is what `semroute fit` found for one embedder. It writes it into a file of its
	// own; nil when it never ran.
	Fitted *Fitted `yaml:"fitted,omitempty"`
	// Budgets limit what users, teams and routes may spend.
	Budgets []Budget `yaml:"budgets,omitempty"`
	// Aliases are the names of models that clients of other protocols may give, and
	// what each means: "auto", "route:NAME" or "model:NAME".
	Aliases map[string]string `yaml:"aliases,flow,omitempty" fingerprint:"omitempty"`
	// Warnings are oddities that do not keep the catalog from being used.
	Warnings []Problem `yaml:"-" fingerprint:"-"`
}

// Route is a kind of prompt.
type Route struct {
	// Name identifies the route in decisions, records and metrics.
	Name string `yaml:"name"`
	// Description says what the route is for, to people. It decides nothing.
	Description string `yaml:"description,omitempty"`
	// Utterances are the example prompts, trimmed, in file order, inline ones first. A
	// route needs one at least, here or in files.
	Utterances []string `yaml:"utterances,omitempty"`
	// UtterancesAt says where each of Utterances stands; nil in a catalog made by hand.
	UtterancesAt []Position `yaml:"-" fingerprint:"-"`
	// Models may serve the route, in order; no others may. None means that the
	// route can be decided for but not forwarded.
	Models []string `yaml:"models,flow,omitempty"`
	// MinConfidence in [0, 1] is the least confidence of a decision for this route.
	// Default: the catalog's.
	MinConfidence *float64 `yaml:"min_confidence,omitempty"`
	// MinMargin in [0, 1] is how far the route must be ahead of the next one. Default: the
	// catalog's.
	MinMargin *float64 `yaml:"min_margin,omitempty"`
	// Metadata is handed on in decisions for this route. It decides nothing.
	Metadata map[string]string `yaml:"metadata,flow,omitempty"`
	// Forwarding says how one of Models is chosen and called.
	Forwarding Forwarding `yaml:",inline"`
	// At is where the route is declared.
	At Position `yaml:"-" fingerprint:"-"`
}

// Rule is a condition that is looked at before anything is embedded.
type Rule struct {
	// Name identifies the rule in explanations.
	Name string `yaml:"name"`
	// When is a CEL expression that gives a bool; where it gives true the rule holds.
	When string `yaml:"when"`
	// Exactly one of the following says what the rule does.

	// Route is decided for.
	Route string `yaml:"route,omitempty"`
	// Model is called, without a route.
	Model string `yaml:"model,omitempty"`
	// Abstain refuses: no route, and the fallback serves.
	Abstain bool `yaml:"abstain,omitempty"`
	// Only restricts the candidates to these routes, and the decision goes on.
	Only []string `yaml:"only,flow,omitempty"`
	// At is where the text of When begins; see Position and Place.
	At Position `yaml:"-" fingerprint:"-"`
}

// Place is the position in the file of a line and column, from 1, within When.
func (r Rule) Place(line, column int) Position { return r.At.Within(line, column) }

// Fallback serves what the router abstains from: a list of models, or the
// models of a route. The zero value means that there is none.
type Fallback struct {
	// Models serve, in order. Either they or a route are given.
	Models []string `yaml:"models,flow,omitempty"`
	// Route is the one whose models serve, by its way of choosing among them.
	Route string `yaml:"route,omitempty"`
}

// Thresholds are lower bounds; nil means not set, 0 is a bound of 0.
type Thresholds struct {
	// MinConfidence in [0, 1] is the least confidence of a decision for a route.
	MinConfidence *float64 `yaml:"min_confidence,omitempty"`
	// MinMargin in [0, 1] is how far a route must be ahead of the next one.
	MinMargin *float64 `yaml:"min_margin,omitempty"`
	// MinSimilarity is a cosine in [-1, 1] that the best match must reach.
	MinSimilarity *float64 `yaml:"min_similarity,omitempty"`
}

// Fitted is what `semroute fit` measured and wrote beside the catalog.
type Fitted struct {
	// Embedder is the fingerprint of the embedder that was measured.
	Embedder string `yaml:"embedder"`
	// Training is the fingerprint of the utterances that were trained on (see
	// Catalog.TrainingFingerprint); "" where it was not recorded. Another one means that the fit is out of date.
	Training string `yaml:"training,omitempty"`
	// Precision in [0, 1] is what was asked for.
	Precision float64 `yaml:"precision"`
	// Thresholds are the bounds that keep it, for all routes.
	Thresholds `yaml:"thresholds,omitempty"`
	// Routes holds a confidence bound per route, in [0, 1].
	Routes map[string]float64 `yaml:"routes,flow,omitempty"`
	// Static bounds the static stage; nil switches it off.
	Static *StaticBound `yaml:"static,omitempty"`
	// Reference is what decisions were like; nil where it was not recorded. It
	// changes no decision, but a server takes a new one as it takes new bounds.
	Reference *Reference `yaml:"reference,omitempty"`
}

// Reference is what decisions are like while nothing has changed: what drift is
// measured against.
type Reference struct {
	// From says which prompts were decided.
	From ReferenceSource `yaml:"from"`
	// Prompts is how many they were.
	Prompts int `yaml:"prompts"`
	// Confidence is that of the leading route.
	Confidence Moments `yaml:"confidence,flow"`
	// Similarity is that of the nearest utterance.
	Similarity Moments `yaml:"similarity,flow"`
	// Abstained is the share of prompts that got no route, in [0, 1].
	Abstained float64 `yaml:"abstained"`
	// Shares are those of the routes, in [0, 1]; empty where the prompts say nothing
	// about how often each kind is asked.
	Shares map[string]float64 `yaml:"shares,flow,omitempty"`
}

// ReferenceSource says where a reference comes from.
type ReferenceSource string

// The sources.
const (
	// FromPrompts: prompts that were given.
	FromPrompts ReferenceSource = "prompts"
	// FromUtterances: the catalog's own, each decided by a model that had not seen it.
	FromUtterances ReferenceSource = "utterances"
	// FromTraffic: prompts that were served.
	FromTraffic ReferenceSource = "traffic"
)

// Moments are the mean and the standard deviation of a number in [-1, 1].
type Moments struct {
	// Mean is the average.
	Mean float64 `yaml:"mean"`
	// Deviation is the standard deviation.
	Deviation float64 `yaml:"deviation"`
}

// StaticBound is where the static stage's answer is as good as the semantic one's.
type StaticBound struct {
	// MinConfidence in [0, 1] is the least confidence of what static vectors decide.
	MinConfidence float64 `yaml:"min_confidence"`
	// MinMargin in [0, 1] is how far ahead a route must be in what static vectors decide.
	MinMargin float64 `yaml:"min_margin"`
}
