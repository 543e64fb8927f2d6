package forward

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/routes"
)

// heldPieceBytes is how large the pieces of a held answer are.
const heldPieceBytes = 16 << 10

// check is one condition on an answer, compiled.
type check struct {
	kind routes.CheckKind
	// passes says why the answer is not accepted, nil when it is.
	passes func(ctx context.Context, r *run, a Answer) error
}

// needsLogProbs says whether some check looks at log-probabilities.
func (p *policy) needsLogProbs() bool {
	for _, c := range p.checks {
		if c.kind == routes.MeanLogprob {
			return true
		}
	}
	return false
}

// cascade asks the candidates one after another. Every answer but the last
// model's is held until the checks accept it; the last one's goes straight to
// the caller, because nobody is left to do it better.
func (r *run) cascade(ctx context.Context, candidates []*model) (*shot, error) {
	var failures []error
	for len(candidates) > 1 {
		m := candidates[0]
		got, err := r.ask(ctx, m, nil, target{held: true}, len(candidates)-1)
		if err == nil {
			answer := got.held.Answer()
			answer.Finish, answer.Usage = got.end.Finish, got.end.Usage
			if err = r.judged(ctx, got, answer); err == nil {
				return got, r.release(answer)
			}
		}
		if errors.Is(err, errAttempts) {
			break
		}
		if cheaper, ok := r.downgraded(err, candidates); ok {
			candidates = cheaper
			continue
		}
		failures = append(failures, err)
		if r.final(ctx, err) {
			return nil, err
		}
		candidates = candidates[1:]
	}
	got, err := r.firstOf(ctx, candidates, target{})
	if err != nil && errors.Is(err, ErrUnavailable) {
		err = unavailable(append(failures, err))
	}
	return got, err
}

// judged runs the checks over a held answer and marks it when one fails.
func (r *run) judged(ctx context.Context, got *shot, answer Answer) error {
	for _, c := range r.policy.checks {
		err := c.passes(ctx, r, answer)
		if err == nil {
			continue
		}
		if over(ctx) {
			return context.Cause(ctx)
		}
		err = wrapModel(got.model.Name, fmt.Errorf("%w by %s: %w", errRejected, c.kind, err))
		r.mu.Lock()
		r.attempts[got.attempt].Status = Rejected
		r.attempts[got.attempt].Error = oneLine(err)
		r.mu.Unlock()
		return err
	}
	return nil
}

var errRejected = errors.New("answer was not accepted")

// release hands an accepted answer to the caller, in pieces of bounded size.
func (r *run) release(a Answer) error {
	for _, text := range split(a.Text, heldPieceBytes) {
		if err := r.deliver(Piece{Text: text}); err != nil {
			return fmt.Errorf("%w: %w", errSink, err)
		}
	}
	for i, c := range a.ToolCalls {
		p := Piece{Tool: &ToolPiece{Index: i, ID: c.ID, Name: c.Name, Arguments: c.Arguments}}
		if err := r.deliver(p); err != nil {
			return fmt.Errorf("%w: %w", errSink, err)
		}
	}
	return nil
}

// split cuts a text into parts of at most size bytes, never inside a character.
func split(text string, size int) []string {
	var parts []string
	for len(text) > size {
		cut := size
		for cut > size-4 && text[cut]&0xC0 == 0x80 {
			cut--
		}
		parts = append(parts, text[:cut])
		text = text[cut:]
	}
	if text != "" {
		parts = append(parts, text)
	}
	return parts
}
