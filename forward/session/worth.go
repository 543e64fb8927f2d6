package session

import (
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

// answerTokens is how long an answer is taken to be.
const answerTokens = 256

// Worth is what a change of models is about, by the table of prices.
type Worth struct {
	// Dearness is how many times dearer the turn becomes because the other model reads
	// the whole conversation for the first time: what it costs there, divided by the
	// greater of what it would cost with the conversation in that model's cache and of
	// what staying costs. At least 1.
	Dearness float64
	// Saves is what the turn costs less there; 0 where it costs as much or more.
	// Return is what coming back costs, because the model that leaves has to read the
	// conversation again. Nano-dollars.
	Saves, Return int64
}

// WorthOf a change from one model to another in a conversation of so many tokens.
// Where a price is missing nothing is lost or saved: what nobody knows holds nobody
// back.
func WorthOf(from, to routes.Prices, contextTokens int64, at time.Time) Worth {
	here, there := from.At(at), to.At(at)
	if here == nil || there == nil {
		return Worth{Dearness: 1}
	}
	fresh := forward.Usage{InputTokens: contextTokens, OutputTokens: answerTokens}
	cached := fresh
	cached.CachedInputTokens = contextTokens
	stay, leave := forward.Cost(*here, cached), forward.Cost(*there, fresh)
	w := Worth{Dearness: 1, Saves: max(0, stay-leave), Return: forward.Cost(*here, fresh) - stay}
	if base := max(forward.Cost(*there, cached), stay); base > 0 {
		w.Dearness = max(1, float64(leave)/float64(base))
	}
	return w
}
