package forward

import (
	"context"
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
// the caller, because nobody is left to do it better. When attempts run short,
// the last one is the last model's.
func (r *run) cascade(ctx context.Context, candidates []*model) (*shot, error) {
	var failures []error
	for len(candidates) > 1 && r.remaining() > 1 {
		got, err := r.held(ctx, candidates[0], len(candidates)-1)
		if err == nil {
			return got, nil
		}
		failures = append(failures, err)
		if cheaper, ok := r.downgraded(err, candidates); ok {
			candidates = cheaper
			continue
		}
		if r.final(ctx, err) {
			return nil, err
		}
		candidates = candidates[1:]
	}
	last := len(candidates) - 1
	if r.remaining() == 1 {
		candidates = append([]*model{candidates[last]}, candidates[:last]...)
	}
	got, err := r.firstOf(ctx, candidates, target{})
	if err != nil && !r.final(ctx, err) {
		err = allFailed(append(failures, err))
	}
	return got, err
}

// held gets a whole answer from the model and hands it to the caller when the
// checks accept it.
func (r *run) held(ctx context.Context, m *model, later int) (*shot, error) {
	got, err := r.ask(ctx, m, nil, target{held: true}, later)
	if err != nil {
		return nil, err
	}
	answer := got.held.Answer()
	answer.Finish, answer.Usage = got.end.Finish, got.end.Usage
	if err := r.accept(ctx, got, answer); err != nil {
		return nil, err
	}
	return got, r.release(answer)
}

// accept runs the checks over a held answer and marks it when one fails.
func (r *run) accept(ctx context.Context, got *shot, answer Answer) error {
	for _, c := range r.policy.checks {
		why := r.guard(func() error { return c.passes(ctx, r, answer) })
		if over(ctx) {
			return context.Cause(ctx) // what the check says counts for nothing then
		}
		if why == nil {
			continue
		}
		err := &rejectedError{model: got.model.Name, check: c.kind, why: why}
		r.mu.Lock()
		r.attempts[got.attempt].Status = Rejected
		r.attempts[got.attempt].Error = oneLine(err)
		r.mu.Unlock()
		return err
	}
	return nil
}

// rejectedError is an answer that a check did not accept. It hides the kind of
// what the check met: a judge's failure is not the call's.
type rejectedError struct {
	model string
	check routes.CheckKind
	why   error
}

func (e *rejectedError) Error() string {
	return fmt.Sprintf("model %q: answer was not accepted by %s: %v", e.model, e.check, e.why)
}

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
