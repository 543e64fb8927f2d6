package policy

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/attempt"
	"github.com/semroute/semroute/routes"
)

// heldPieceBytes is how large the pieces of a held answer are.
const heldPieceBytes = 16 << 10

// check is one condition on an answer, compiled.
type check struct {
	kind routes.CheckKind
	// passes says why the answer is not accepted, nil when it is.
	passes func(ctx context.Context, r *run, a forward.Answer) error
}

// needsLogProbs says whether some check looks at log-probabilities.
func (p *routePolicy) needsLogProbs() bool {
	for _, c := range p.checks {
		if c.kind == routes.MeanLogprob {
			return true
		}
	}
	return false
}

// cascade asks the models of the queue one after another. Every answer but the
// last model's is held until the checks accept it; the last one's goes straight
// to the caller, because nobody is left to do it better. When attempts run
// short, the last one is the last model's.
func (r *run) cascade(ctx context.Context, q *queue) (*attempt.Answer, error) {
	for len(q.models) > 1 && r.attempts.Left() > 1 {
		got, err := r.checked(ctx, q.models[0], len(q.models)-1)
		if err == nil {
			return got, nil
		}
		if q.failed(ctx, err) {
			return nil, err
		}
	}
	if last := len(q.models) - 1; last > 0 {
		q.models = append([]*attempt.Model{q.models[last]}, q.models[:last]...)
	}
	return r.firstOf(ctx, q)
}

// checked gets a whole answer from the model and hands it to the caller when
// the checks accept it.
func (r *run) checked(ctx context.Context, m *attempt.Model, later int) (*attempt.Answer, error) {
	got, err := r.attempts.Ask(ctx, m, nil, attempt.ForChecks, later)
	if err != nil {
		return nil, err
	}
	answer := got.Held.Answer()
	answer.Finish, answer.Usage = got.Finish, got.Usage
	if err := r.accept(ctx, got, answer); err != nil {
		return nil, err
	}
	return got, r.release(got.Model.Name, answer)
}

// accept runs the checks over a held answer and marks it when one fails.
func (r *run) accept(ctx context.Context, got *attempt.Answer, answer forward.Answer) error {
	r.underCheck = got.Attempt
	for _, c := range r.route.checks {
		why := r.attempts.Guard(func() error { return c.passes(ctx, r, answer) })
		if ctx.Err() != nil {
			return context.Cause(ctx) // what the check says counts for nothing then
		}
		if why == nil {
			continue
		}
		err := &rejectedError{model: got.Model.Name, check: c.kind, why: why}
		r.attempts.Reject(got.Attempt, err)
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
func (r *run) release(model string, a forward.Answer) error {
	var pieces []forward.Piece
	for _, text := range split(a.Reasoning, heldPieceBytes) {
		pieces = append(pieces, forward.Piece{Reasoning: text})
	}
	if a.Signature != "" || a.Sealed != "" {
		pieces = append(pieces, forward.Piece{Signature: a.Signature, Sealed: a.Sealed})
	}
	for _, text := range split(a.Text, heldPieceBytes) {
		pieces = append(pieces, forward.Piece{Text: text})
	}
	for _, text := range split(a.Refusal, heldPieceBytes) {
		pieces = append(pieces, forward.Piece{Refusal: text})
	}
	for i, c := range a.ToolCalls {
		pieces = append(pieces, forward.Piece{Tool: &forward.ToolPiece{Index: i, ID: c.ID, Name: c.Name, Arguments: c.Arguments}})
	}
	for _, p := range pieces {
		p.Model = model
		if err := r.attempts.Deliver(p); err != nil {
			return err
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
