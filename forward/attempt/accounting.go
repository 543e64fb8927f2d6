package attempt

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/health"
)

// book records the attempt, and what it says about its model. The time in which
// the caller took pieces is not the model's.
//
//go:noinline
func (a *attempt) book(end *forward.End, err error) (*Answer, error) {
	now := a.call.maker.Now()
	took := now.Sub(a.began) - a.waited
	verdict := a.verdict(err)
	if verdict == health.Sick {
		a.model.Health.Failed(now, forward.OneLine(err))
	}
	a.leave(verdict)
	a.remember(err)
	if err == nil && a.purpose != ForScore {
		a.model.Health.Answered(now, a.firstPiece, took, a.pieces)
		a.model.Health.Took(a.size)
	}
	made := forward.Attempt{
		Model: a.model.Name, Status: status(err), Error: forward.OneLine(err), Start: a.start, Latency: took,
		FirstPiece: a.firstPiece, Pieces: a.pieces, Hedge: a.race.second(a), Judge: a.purpose == ForScore,
		Answered: answered(end.Model), UpstreamModel: a.upstreamModel(end.Model),
	}
	made.Refused = err == nil && a.purpose != ForScore && a.refused(end)
	a.price(&made, end.Usage, err)
	a.settle(made.Cost, made.Usage.Total())
	number := a.call.record(made)
	a.booked = true
	if err != nil {
		return nil, err
	}
	return &Answer{Model: a.model, Finish: end.Finish, StopText: end.StopText, Usage: made.Usage, Attempt: number, Held: a.held}, nil
}

// reserve holds back what an attempt at the model may spend.
func (c *Call) reserve(ctx context.Context, m *Model) (forward.Reservation, error) {
	if !c.maker.Limited && c.asked.Allowance == nil {
		return unlimited{}, nil
	}
	if c.maker.Budgets == nil {
		return nil, fmt.Errorf("%w: the caller has a budget, but nothing keeps what is spent", forward.ErrConfig)
	}
	answer := int64(c.asked.Request.MaxTokens)
	if answer == 0 {
		answer = int64(c.maker.Config.AnswerTokens)
	}
	price := m.Prices.At(c.started)
	claim := forward.Claim{
		User: c.asked.User, Team: c.asked.Team, Route: c.asked.Route, Key: c.asked.Key, Allowance: c.asked.Allowance,
		Tokens: c.tokens() + answer, Priced: price != nil,
	}
	if price != nil {
		// Any of the prompt may have to be written to a cache, which can cost more.
		usage := forward.Usage{InputTokens: c.tokens(), OutputTokens: answer}
		claim.Cost = forward.Cost(*price, usage)
		usage.CacheWriteTokens = usage.InputTokens
		claim.Cost = max(claim.Cost, forward.Cost(*price, usage))
	}
	return c.maker.Budgets.Reserve(ctx, claim)
}

// unlimited is the reservation where there is no budget.
type unlimited struct{}

var _ forward.Reservation = unlimited{}

func (unlimited) Settle(int64, int64) {}
