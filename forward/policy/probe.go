package policy

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
	"github.com/semroute/semroute/forward/health"
)

const (
	// probePrompt and probeTokens make a probe short and cheap.
	probePrompt = "Reply with one word: ready"
	probeTokens = 8
)

// Probe calls one model once with a short prompt, to see whether it works: no
// retry, no failover, no record in the log, and an open circuit does not
// matter. The attempt is complete also when the call fails.
func (f *Forwarder) Probe(ctx context.Context, name string) (forward.Attempt, error) {
	m := f.order.models[name]
	if m == nil {
		return forward.Attempt{}, fmt.Errorf("%w: %q", forward.ErrUnknownModel, name)
	}
	if m.Client == nil {
		return forward.Attempt{}, fmt.Errorf("model %q: %w: it has no provider", name, forward.ErrConfig)
	}
	fresh := *m
	fresh.Health = health.New().Of(m.Model, f.config)
	req := forward.Ask(probePrompt)
	req.MaxTokens = probeTokens
	call := f.maker.Call(&forward.Call{Models: []string{name}, Request: req}, attempt.Rules{}, func(forward.Piece) error { return nil })
	_, err := call.Within(ctx, func(ctx context.Context) (*attempt.Answer, error) {
		return call.Once(ctx, &fresh, attempt.ForCaller, true)
	})
	made := call.Attempts()
	if len(made) == 0 {
		return forward.Attempt{Model: name}, err
	}
	return made[0], err
}
