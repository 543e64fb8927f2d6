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
	// Languages are those beside English that the embedder knows, by their ISO 639-1
	// codes, in order, divided by spaces; "und" stands for all that have no code here.
	Languages string
	// Untrained counts the changes of utterances that the classifier was brought up
	// to date with in a hurry; it is trained again beside, and put in place then.
	Untrained int
	// Err is why the last build failed; nil when it did not.
	Err error
	// Building is what is being done for the next generation; zero for nothing.
	Building Work
	// Swaps counts the generations that were put in place, Failures the attempts
	// that changed nothing, since the start.
	Swaps, Failures uint64
}

// Work is how far long work has come.
type Work struct {
	What        string
	Done, Total int
}

// Status is the present one.
func (e *Engine) Status() Status {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.status
}

// StatusChange is the present status and a channel that is closed when there is
// another one.
func (e *Engine) StatusChange() (Status, <-chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.status, e.changed
}

// report makes a status the present one and tells whoever wants to know.
func (e *Engine) report(s Status) { e.change(func(now *Status) { *now = s }) }

// change reports the present status with some of it changed.
func (e *Engine) change(edit func(*Status)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	edit(&e.status)
	e.tellChange()
	if e.config.OnStatus != nil {
		e.config.OnStatus(e.status)
	}
}

// tellChange wakes those who wait for another status.
func (e *Engine) tellChange() {
	close(e.changed)
	e.changed = make(chan struct{})
}

// working notes what is being done. Only who asks hears of it.
func (e *Engine) working(what string, done, total int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status.Building = Work{What: what, Done: done, Total: total}
	e.tellChange()
}

// progress notes how far work has come, and tells others, nil for nobody.
func (e *Engine) progress(others Progress) Progress {
	return func(what string, done, total int) {
		e.working(what, done, total)
		if others != nil {
			others(what, done, total)
		}
	}
}
