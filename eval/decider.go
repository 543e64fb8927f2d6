package eval

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/router"
)

// Decider decides prompts, all of a call on one generation; router.Router is one.
type Decider interface {
	DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error)
}

var _ Decider = (*router.Router)(nil)

// ErrDecider says that a Decider broke its contract.
var ErrDecider = errors.New("the decider gave an answer that cannot be measured")

// defaultBatch is how many prompts are decided, and so embedded, in one call.
const defaultBatch = 256

// shown is how much of a decision a measure looks at.
var shown = router.Limits{Candidates: 2, Matches: 3}

// DecideAll decides the texts in their order, size of them a call (0 or less: 256),
// and tells step, which may be nil, how many each call held. It fails with
// ErrDecider or the error of the decider or of ctx.
func DecideAll(ctx context.Context, d Decider, texts []string, size int, step func(n int)) ([]router.Decision, error) {
	return newReplay(d, size, step).all(ctx, texts)
}

// replay decides texts in batches and tells step how many each batch held.
type replay struct {
	decider Decider
	size    int
	step    func(n int)
}

func newReplay(d Decider, size int, step func(int)) replay {
	if size <= 0 {
		size = defaultBatch
	}
	if step == nil {
		step = func(int) {}
	}
	return replay{decider: d, size: size, step: step}
}

// all decides the texts in their order.
func (r replay) all(ctx context.Context, texts []string) ([]router.Decision, error) {
	decisions := make([]router.Decision, 0, len(texts))
	for len(decisions) < len(texts) {
		batch, err := r.some(ctx, texts[len(decisions):min(len(texts), len(decisions)+r.size)])
		if err != nil {
			return nil, fmt.Errorf("deciding prompts %d to %d: %w", len(decisions)+1, min(len(texts), len(decisions)+r.size), err)
		}
		decisions = append(decisions, batch...)
		if first, now := decisions[0].Fingerprint, batch[0].Fingerprint; first != now {
			return nil, fmt.Errorf("%w: generation %s gave way to %s; run it again", ErrDecider, first, now)
		}
	}
	return decisions, nil
}

// IsProbability allows for the last bits of a sum. NaN is none.
func IsProbability(p float64) bool { return p >= 0 && p <= 1+1e-9 }

// some decides the texts in one call and checks the answer.
func (r replay) some(ctx context.Context, texts []string) ([]router.Decision, error) {
	prompts := make([]router.Prompt, len(texts))
	for i, text := range texts {
		prompts[i].Text = text
	}
	decisions, err := r.decider.DecideBatch(ctx, prompts, shown)
	if err != nil {
		return nil, err
	}
	if len(decisions) != len(prompts) {
		return nil, fmt.Errorf("%w: %d decisions for %d prompts", ErrDecider, len(decisions), len(prompts))
	}
	for i := range decisions {
		if c := decisions[i].Confidence; !IsProbability(c) {
			return nil, fmt.Errorf("%w: confidence %v is outside of [0, 1]", ErrDecider, c)
		}
	}
	r.step(len(texts))
	return decisions, nil
}
