package auth

import "context"

// Witness learns who calls, where that is found out further in than it is needed: a
// log's line is written outside of what asks. It belongs to one request.
type Witness struct{ name string }

type witnessKey struct{}

// NewWitness is a context in which a witness learns who calls.
func NewWitness(ctx context.Context) (context.Context, *Witness) {
	w := &Witness{}
	return context.WithValue(ctx, witnessKey{}, w), w
}

// Name of the caller; "" for one that nobody knows.
func (w *Witness) Name() string { return w.name }

// tell has the context's witness know, where there is one.
func tell(ctx context.Context, i *Identity) {
	if w, ok := ctx.Value(witnessKey{}).(*Witness); ok {
		w.name = i.Name
	}
}
