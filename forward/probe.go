package forward

import (
	"context"
	"fmt"
)

const (
	// probePrompt and probeTokens make a probe short and cheap.
	probePrompt = "Reply with one word: ready"
	probeTokens = 8
)

// Probe calls one model once with a short prompt, to see whether it works: no
// retry, no failover, no record in the log, and an open circuit does not
// matter. The attempt is complete also when the call fails.
func (f *Forwarder) Probe(ctx context.Context, name string) (Attempt, error) {
	m := f.models[name]
	if m == nil {
		return Attempt{}, fmt.Errorf("%w: %q", ErrUnknownModel, name)
	}
	if m.provider == nil {
		return Attempt{}, wrapModel(name, fmt.Errorf("%w: it has no provider", ErrConfig))
	}
	fresh := *m
	fresh.health = NewHealth().of(m.Model, f.config)
	req := Ask(probePrompt)
	req.MaxTokens = probeTokens
	r := f.newRun(&Call{Models: []string{name}, Request: req}, func(Piece) error { return nil })
	r.policy = &policy{}
	_, err := r.within(ctx, func(ctx context.Context) (*shot, error) {
		return r.once(ctx, &fresh, target{}, &gate{}, true)
	})
	if len(r.attempts) == 0 {
		return Attempt{Model: name}, err
	}
	return r.attempts[0], err
}
