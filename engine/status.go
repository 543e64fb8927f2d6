package engine

// State is how an engine is doing.
type State uint8

// The states.
const (
	// Starting: no generation is in place yet.
	Starting State = iota
	// Serving: a complete generation decides.
	Serving
	// Degraded: static vectors stand in for the semantic stage.
	Degraded
	// Stale: the generation in place can decide no more, as when the embedder's
	// model has become another; one that can is being built.
	Stale
)

// String gives the state as it stands in logs.
func (s State) String() string {
	return [...]string{Starting: "starting", Serving: "serving", Degraded: "degraded", Stale: "stale"}[s]
}

// Ready says whether prompts are answered.
func (s State) Ready() bool { return s == Serving || s == Degraded }

// Status is the state of an engine and what it decides on.
type Status struct {
	State State
	// Fingerprint identifies the generation in place; empty before the first.
	Fingerprint string
	// Routes and Utterances count what it knows.
	Routes, Utterances int
	// LeftOut counts the catalog's utterances that could not be embedded.
	LeftOut int
	// Err is why the last build failed; nil when it did not.
	Err error
}

// Status is the present one.
func (e *Engine) Status() Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.status
}

// report makes a status the present one and tells whoever wants to know.
func (e *Engine) report(s Status) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = s
	if e.config.OnStatus != nil {
		e.config.OnStatus(s)
	}
}

// change reports the present status with some of it changed.
func (e *Engine) change(edit func(*Status)) {
	s := e.Status()
	edit(&s)
	e.report(s)
}
