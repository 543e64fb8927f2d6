package health

import "sync"

// maxNames bounds how many names of other models are remembered.
const maxNames = 16

// names are the models that answered in a model's place.
type names struct {
	mu   sync.Mutex // protects seen
	seen map[string]bool
}

// NewName says whether another model, of this name, answers for the first time
// in the model's place. Of names beyond a few none is new.
func (m *Model) NewName(name string) bool {
	n := &m.names
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seen[name] || len(n.seen) >= maxNames {
		return false
	}
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	n.seen[name] = true
	return true
}
