package suggest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/index"
)

// Kind says what a suggestion would change.
type Kind string

// The kinds.
const (
	// AddUtterance adds Utterances to Route.
	AddUtterance Kind = "add_utterance"
	// AddNone adds Utterances to what fits no route.
	AddNone Kind = "add_none"
	// NewRoute opens Route, a proposed name, with Utterances.
	NewRoute Kind = "new_route"
	// MoveUtterance takes Utterances from the route From and adds them to Route.
	MoveUtterance Kind = "move_utterance"
)

// Catalog is the state that suggestions are for.
type Catalog struct {
	// Routes are the names of all routes, by the numbers that HeldOut uses.
	Routes []string
	// Entries are the utterances with their unit vectors.
	Entries []index.Entry
	// None are the examples of what fits no route.
	None []string
	// HeldOut are decisions on Entries, by place, of models that had not seen
	// them. Those on other examples are passed over.
	HeldOut []classify.Prediction
}

// Prompt is a text that was decided, once or more often.
type Prompt struct {
	Text   string
	Vector []float32 // of unit length
	// Decisions are the ids of the decisions on it, the newest first.
	Decisions []string
	// Decided is the route that was chosen, "" for none.
	Decided string
	// Leading is the route that the present router puts first, chosen or not;
	// RunnerUp the second.
	Leading, RunnerUp string
	// Wrong: somebody said that the decision was wrong. Unsure: no route was
	// chosen.
	Wrong, Unsure bool
	// Known: somebody said which route is right; it is Right, "" where none fits.
	Known bool
	Right string
}

// Suggestion is a change that a person may accept.
type Suggestion struct {
	// ID is the same for the same change.
	ID         string
	Kind       Kind
	Route      string
	From       string
	Utterances []string
	// Prompts is how many wrong or unsure prompts it stands on, each counted as
	// often as it was decided; Evidence are some of them, the nearest first.
	Prompts  int
	Evidence []Evidence
	// Replaces are near-duplicates of Utterances among the prompts, which need
	// not be added beside them.
	Replaces []string
	// Guess: nobody has said which route is right; Route is what the router itself
	// finds most likely.
	Guess  bool
	Effect Effect
}

// Evidence is a prompt that a suggestion stands on.
type Evidence struct {
	Decision string
	Text     string
}

// Effect is an estimate of what a suggestion does to decisions on utterances and
// judged prompts that the estimate has not learnt from, those that the
// suggestion stands on left out.
type Effect struct {
	// Measured is how many were decided; Before and After how many rightly.
	// Gained and Lost are those that became right and wrong.
	Measured, Before, After, Gained, Lost int
}

// identify gives a suggestion its id.
func (s *Suggestion) identify() {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q", s.Kind, s.Route, s.From, s.Utterances))
	s.ID = hex.EncodeToString(sum[:8])
}

const (
	// nearDuplicate is the cosine from which on two texts say the same.
	nearDuplicate = 0.95
	// maxEvidence bounds the prompts that a suggestion names.
	maxEvidence = 8
	// maxReplaced bounds the near-duplicates that it names.
	maxReplaced = 20
)
