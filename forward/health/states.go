package health

import "time"

// State is what is known of one model now.
type State struct {
	// Name is the catalog's.
	Name string
	// Open: it fails, and is left alone for a while. HalfOpen: it is tried again.
	Open, HalfOpen bool
	// Failed is why it failed last, in one line, and FailedAt when; empty where it
	// never has.
	Failed   string
	FailedAt time.Time
}

// States are those of all models that were seen, in no order. A name stands there
// more than once where its upstream has changed.
func (r *Registry) States() []State {
	r.mu.Lock()
	defer r.mu.Unlock()
	states := make([]State, 0, len(r.models))
	for k, m := range r.models {
		states = append(states, m.state(k.name))
	}
	return states
}

func (m *Model) state(name string) State {
	m.mu.Lock()
	defer m.mu.Unlock()
	return State{Name: name, Open: m.circuit.IsOpen(), HalfOpen: m.circuit.IsHalfOpen(), Failed: m.failed, FailedAt: m.failedAt}
}
