package forward

// Call is one request with the decision that was made for it.
type Call struct {
	// Decision goes into the record as it is.
	Decision Decision
	// Route is whose forwarding policy and budgets serve the call; the decision's
	// route when empty. They differ where a route stands in for an abstention.
	Route string
	// Models are the only ones that may be asked, in order; empty means those of
	// the route.
	Models []string
	// Prefer is asked first where it can serve the call; "" leaves it to the route. A
	// cascade begins with it.
	Prefer string
	// Session is the conversation that the call belongs to; nil for none. It goes
	// into the record.
	Session *Session
	Request Request
	// Prompt is the text that was routed and Vector its embedding, for the
	// quality strategy and the record.
	Prompt string
	Vector []float32
	// User, Team and Tier say who calls, for budgets, tiers and sticky weights.
	User, Team, Tier string
	// Key is whose key, token or certificate the call is made with, and Allowance
	// what it may spend beside the catalog's budgets; "" and nil for none.
	Key       string
	Allowance *Allowance
	// RoutingCost is what the decision cost, in nano-dollars.
	RoutingCost int64
}

// Predictor expects a quality in [0, 1] for each model that it knows. It is
// safe for concurrent use.
type Predictor interface {
	Predict(prompt string, vector []float32) map[string]float64
}

// Sink takes the pieces of an answer, one after another, never two at once.
// Its error ends the call. It may block, up to Config.SendTimeout: then nothing
// more is read upstream, and the time is not the model's. One that blocks
// longer is given up with ErrSlowCaller: it is not called again, but it may
// still be inside its last call when Forward returns.
type Sink func(Piece) error
