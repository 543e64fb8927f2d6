package server

import (
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/session"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// closedSet pairs the words that the domain, the ledger and the command line
// use with the values of an enum. What is in no pair is the zero value on the
// other side.
type closedSet[Word, Value comparable] map[Word]Value

func (s closedSet[Word, Value]) word(value Value) Word {
	for word, v := range s {
		if v == value {
			return word
		}
	}
	var none Word
	return none
}

var reasons = closedSet[router.Reason, semroutev1.Decision_Reason]{
	router.ReasonBelowConfidence: semroutev1.Decision_BELOW_CONFIDENCE,
	router.ReasonBelowMargin:     semroutev1.Decision_BELOW_MARGIN,
	router.ReasonFar:             semroutev1.Decision_FAR_FROM_EVERY_UTTERANCE,
	router.ReasonEmpty:           semroutev1.Decision_EMPTY_PROMPT,
	router.ReasonRule:            semroutev1.Decision_RULE_SAID_SO,
}

var causes = closedSet[router.Cause, semroutev1.Decision_Cause]{
	router.CauseRule:     semroutev1.Decision_RULE_FAILED,
	router.CauseEmbedder: semroutev1.Decision_EMBEDDER,
	router.CauseIndex:    semroutev1.Decision_INDEX,
	router.CauseStarting: semroutev1.Decision_STARTING,
	router.CauseStore:    semroutev1.Decision_STORE,
}

var finishes = closedSet[forward.Finish, semroutev1.CallRecord_Finish]{
	forward.FinishStop:      semroutev1.CallRecord_STOP,
	forward.FinishLength:    semroutev1.CallRecord_LENGTH,
	forward.FinishToolCalls: semroutev1.CallRecord_TOOL_CALLS,
	forward.FinishFiltered:  semroutev1.CallRecord_FILTERED,
}

var strategies = closedSet[routes.Strategy, semroutev1.CallRecord_Strategy]{
	routes.Order:    semroutev1.CallRecord_ORDER,
	routes.Cheapest: semroutev1.CallRecord_CHEAPEST,
	routes.Fastest:  semroutev1.CallRecord_FASTEST,
	routes.Weighted: semroutev1.CallRecord_WEIGHTED,
	routes.Quality:  semroutev1.CallRecord_QUALITY,
}

var turns = closedSet[session.Reason, semroutev1.SessionTurn_Reason]{
	session.ToolLoop:  semroutev1.SessionTurn_TOOL_LOOP,
	session.SameRoute: semroutev1.SessionTurn_SAME_ROUTE,
	session.Unsure:    semroutev1.SessionTurn_UNSURE,
	session.NotWorth:  semroutev1.SessionTurn_NOT_WORTH_IT,
	session.Sure:      semroutev1.SessionTurn_SURE,
	session.Told:      semroutev1.SessionTurn_TOLD,
	session.CannotBe:  semroutev1.SessionTurn_CANNOT_BE,
	session.Failed:    semroutev1.SessionTurn_FAILED,
	session.NotHeld:   semroutev1.SessionTurn_NOT_HELD,
}

var statuses = closedSet[forward.Status, semroutev1.Attempt_Status]{
	forward.Done:        semroutev1.Attempt_DONE,
	forward.Rejected:    semroutev1.Attempt_REJECTED,
	forward.Cancelled:   semroutev1.Attempt_CANCELLED,
	forward.Lost:        semroutev1.Attempt_LOST,
	forward.Skipped:     semroutev1.Attempt_SKIPPED,
	forward.Unsupported: semroutev1.Attempt_UNSUPPORTED,
	forward.OverBudget:  semroutev1.Attempt_OVER_BUDGET,

	forward.Status(forward.RateLimited): semroutev1.Attempt_RATE_LIMITED,
	forward.Status(forward.ServerError): semroutev1.Attempt_SERVER_ERROR,
	forward.Status(forward.Timeout):     semroutev1.Attempt_TIMEOUT,
	forward.Status(forward.BadRequest):  semroutev1.Attempt_BAD_REQUEST,
	forward.Status(forward.Auth):        semroutev1.Attempt_AUTH,
	forward.Status(forward.NotFound):    semroutev1.Attempt_NOT_FOUND,
	forward.Status(forward.Garbage):     semroutev1.Attempt_GARBAGE,
	forward.Status(forward.Reset):       semroutev1.Attempt_RESET,
	forward.Status(forward.TooLarge):    semroutev1.Attempt_TOO_LARGE,
	forward.Status(forward.Unreachable): semroutev1.Attempt_UNREACHABLE,

	forward.Status(forward.OutOfCredit):      semroutev1.Attempt_OUT_OF_CREDIT,
	forward.Status(forward.ContextLength):    semroutev1.Attempt_CONTEXT_LENGTH,
	forward.Status(forward.ContentFilter):    semroutev1.Attempt_CONTENT_FILTER,
	forward.Status(forward.UnsupportedInput): semroutev1.Attempt_UNSUPPORTED_INPUT,
	forward.Status(forward.Crashed):          semroutev1.Attempt_CRASHED,
}

// ReasonWord is the reason of an abstention in words, "" for none.
func ReasonWord(r semroutev1.Decision_Reason) string { return string(reasons.word(r)) }

// FinishWord says why an answer ended, "" where there was none.
func FinishWord(f semroutev1.CallRecord_Finish) string { return string(finishes.word(f)) }

// StrategyWord is the name of a strategy in the catalog, "" for none.
func StrategyWord(s semroutev1.CallRecord_Strategy) string { return string(strategies.word(s)) }

// TurnWord says why a conversation's model stayed or changed, "" where it was the
// first turn.
func TurnWord(r semroutev1.SessionTurn_Reason) string { return string(turns.word(r)) }

// CauseWord is what a decision had to do without, "" for what the schema has no name
// for.
func CauseWord(c semroutev1.Decision_Cause) string { return causes.word(c).String() }

// StatusWord says how an attempt went, "" for what the schema has no name for.
func StatusWord(s semroutev1.Attempt_Status) string { return string(statuses.word(s)) }
