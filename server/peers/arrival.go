package peers

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc/tap"
)

// ErrSlow: a request took too long to arrive.
var ErrSlow = errors.New("the request took too long to arrive")

// Arrival is a request whose message has not been read yet.
type Arrival struct {
	guard *Guard
	since time.Time
	end   context.CancelCauseFunc
	stop  func() bool
}

type arrivalKey struct{}

// Tap is for grpc.InTapHandle: it begins the time that a request may take to
// arrive.
func (g *Guard) Tap(ctx context.Context, _ *tap.Info) (context.Context, error) {
	ctx, end := context.WithCancelCause(ctx)
	a := &Arrival{guard: g, since: g.config.Now(), end: end}
	g.mu.Lock()
	g.arriving[a] = struct{}{}
	g.mu.Unlock()
	a.stop = context.AfterFunc(ctx, a.forget)
	return context.WithValue(ctx, arrivalKey{}, a), nil
}

// Arrived says that the message of the call has been read.
func Arrived(ctx context.Context) {
	if a, ok := ctx.Value(arrivalKey{}).(*Arrival); ok {
		a.stop()
		a.forget()
	}
}

func (a *Arrival) forget() {
	a.guard.mu.Lock()
	defer a.guard.mu.Unlock()
	delete(a.guard.arriving, a)
}

// endLate ends the requests that have taken too long.
func (g *Guard) endLate() {
	var late []*Arrival
	g.mu.Lock()
	now := g.config.Now()
	for a := range g.arriving {
		if now.Sub(a.since) > g.config.ReceiveTimeout {
			late = append(late, a)
		}
	}
	if len(late) > 0 {
		g.tell(ErrSlow.Error(), "")
	}
	g.mu.Unlock()
	for _, a := range late {
		a.end(ErrSlow)
	}
}
