package forward

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxErrorBytes bounds an error in a record.
const maxErrorBytes = 500

// oneLine is the error as it stands in a record, "" for none.
func oneLine(err error) string {
	if err == nil {
		return ""
	}
	text := strings.Join(strings.Fields(strings.ToValidUTF8(err.Error(), "\ufffd")), " ")
	if len(text) > maxErrorBytes {
		text = text[:maxErrorBytes]
		for !utf8.ValidString(text) {
			text = text[:len(text)-1]
		}
	}
	return text
}

// status is how an attempt that was made went.
func status(err error) Status {
	var upstream *UpstreamError
	switch {
	case err == nil:
		return Done
	case errors.As(err, &upstream):
		return Status(upstream.Class)
	case errors.Is(err, errLost):
		return Lost
	case errors.Is(err, ErrUnsupported):
		return Unsupported
	}
	return Cancelled
}

// skipStatus is how an attempt that was not made went.
func skipStatus(err error) Status {
	if errors.Is(err, ErrSkipped) {
		return Skipped
	}
	return Cancelled
}

func wrapModel(name string, err error) error { return fmt.Errorf("model %q: %w", name, err) }

// record puts the call's record together.
func (r *run) record(got *shot, err error) Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.call
	out := Record{
		Time: r.started, Decision: c.Decision, Prompt: c.Prompt, User: c.User, Team: c.Team, Tier: c.Tier,
		Forwarded: true, Strategy: string(r.policy.strategy()), Cascade: len(r.policy.checks) > 0,
		Downgraded: r.downgrade, Attempts: r.attempts,
		Latency: r.since(), FirstPiece: r.firstAt, Error: oneLine(err),
	}
	answer := -1
	if got != nil {
		out.Model, out.Finish, out.Usage, answer = got.model.Name, got.end.Finish, got.end.Usage, got.attempt
	} else if i := r.partial(); i >= 0 {
		out.Model, out.Usage, answer = r.attempts[i].Model, r.attempts[i].Usage, i
	}
	out.Costs = r.costs(answer, out.Usage)
	return out
}

// partial is the attempt that had begun to reach the caller when it failed.
func (r *run) partial() int {
	if !r.committed {
		return -1
	}
	for i := len(r.attempts) - 1; i >= 0; i-- {
		if r.attempts[i].Pieces > 0 && !r.attempts[i].Judge && r.attempts[i].Status != Lost {
			return i
		}
	}
	return -1
}

// costs sums up the attempts; answer is the one that the caller got, or -1.
func (r *run) costs(answer int, usage Usage) Costs {
	out := Costs{Routing: r.call.RoutingCost}
	for i, a := range r.attempts {
		if i == answer {
			out.Answer = a.Cost
		} else {
			out.Failed = addCapped(out.Failed, a.Cost)
		}
		out.Estimated = out.Estimated || a.Usage.Estimated
		out.Unpriced = out.Unpriced || a.Unpriced
	}
	for _, name := range r.call.Models {
		if m := r.models[name]; m != nil && answer >= 0 {
			if price := m.Prices.At(r.started); price != nil {
				out.Dearest = max(out.Dearest, Cost(*price, usage))
			}
		}
	}
	return out
}
