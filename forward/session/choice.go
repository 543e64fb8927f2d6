package session

import "github.com/semroute/semroute/forward"

// Reason says why a model stayed or changed.
type Reason string

// The reasons to stay.
const (
	ToolLoop  Reason = "tool_loop"    // the turn brings results of tools that the model has called
	SameRoute Reason = "same_route"   // the turn belongs where the one before did
	Unsure    Reason = "unsure"       // no route was found for the turn
	NotWorth  Reason = "not_worth_it" // another route is likelier, but not by enough for what a change costs
)

// The reasons to change.
const (
	Sure     Reason = "sure"               // another route is likelier by enough
	Told     Reason = "told"               // a rule has chosen, or the caller has
	CannotBe Reason = "cannot_be"          // the model may not or cannot serve the turn
	Failed   Reason = forward.FailedReason // the model was asked and did not answer
	NotHeld  Reason = "not_held"           // the route holds no conversation: stickiness 0
)

// Turn is a new turn of a conversation that a model has answered before.
type Turn struct {
	// ToolResults: the turn brings results of tools that the model has called.
	ToolResults bool
	// Route is what was decided for the turn, "" for none.
	Route string
	// Told: a rule has chosen, or the caller has.
	Told bool
	// Lead is how much likelier Route is than the route that holds the conversation,
	// in [-1, 1].
	Lead float64
	// Worth is what a change is about.
	Worth Worth
	// CanStay: the model may serve the turn.
	CanStay bool
}

// DefaultStickiness is that of routes that set none.
const DefaultStickiness = 0.5

// Choose says whether the model that answered stays for the turn, and the state that
// the conversation goes on with. stickiness, in [0, 1], is that of the route that
// holds the conversation: 0 holds nothing but tool calls, 1 holds until the model
// cannot serve.
//
// In between a conversation changes to another route when (1 - lead) × dearness is at
// most 1 - stickiness: the dearer the change, the surer the decision has to be. A
// change that saves money never comes with the first such turn, and has to earn its way
// back: savings of one turn after the other are added up until they pay for the
// return, as who rents skis buys them once the rent has come to the price (Karlin,
// Manasse, Rudolph and Sleator 1988). A word of thanks in between changes nothing.
func Choose(held State, turn Turn, stickiness float64) (stay bool, why Reason, next State) {
	next = held
	missed := held.Missed
	next.Missed = 0
	switch {
	case !turn.CanStay:
		return false, CannotBe, next
	case turn.ToolResults:
		next.Missed = missed
		return true, ToolLoop, next
	case turn.Told:
		return false, Told, next
	case stickiness <= 0:
		return false, NotHeld, next
	case turn.Route == "":
		next.Missed = missed
		return true, Unsure, next
	case turn.Route == held.Route:
		return true, SameRoute, next
	case stickiness >= 1 || (1-turn.Lead)*max(turn.Worth.Dearness, 1) > 1-stickiness:
		next.Missed = missed
		return true, NotWorth, next
	}
	if saves := turn.Worth.Saves; saves > 0 {
		if next.Missed = forward.AddCapped(missed, saves); missed == 0 || next.Missed < turn.Worth.Return {
			return true, NotWorth, next
		}
	}
	return false, Sure, next
}
