package engine

import "github.com/semroute/semroute/index"

// beginning is what the build of a generation begins with: that of the one in
// place and of earlier ones. nil has nothing.
type beginning struct {
	now     *Assembly     // nil while another one stands in
	held    []index.Index // of the same embedder
	standIn *space        // that of static vectors, where they stand in
}

// beginning is that of the next build, under the lock.
func (e *Engine) beginning() *beginning {
	now := e.current
	if now == nil {
		return nil
	}
	if now.Generation.StandIn() != "" {
		return &beginning{standIn: now.semantic}
	}
	if now.Embedder.Fingerprint() != e.opened.Fingerprint() {
		return nil
	}
	b := &beginning{now: now, held: []index.Index{now.Index}}
	for i := range e.earlier {
		if kept := e.earlier[i].built; kept != nil {
			b.held = append(b.held, kept.Index)
		}
	}
	return b
}

// indexes are where vectors of the same embedder can be found.
func (b *beginning) indexes() []index.Index {
	if b == nil {
		return nil
	}
	return b.held
}

// semantic is the space of the stage that decides, nil where there is none.
func (b *beginning) semantic() *space {
	if b == nil || b.now == nil {
		return nil
	}
	return b.now.semantic
}

// front is the space of the static stage, nil where there is none.
func (b *beginning) front() *space {
	if b == nil || b.now == nil {
		return b.standsIn()
	}
	return b.now.static
}

func (b *beginning) standsIn() *space {
	if b == nil {
		return nil
	}
	return b.standIn
}

// alone is what a space by itself has to begin with.
func (s *space) alone() *beginning {
	if s == nil {
		return nil
	}
	return &beginning{held: []index.Index{s.index}}
}
