package forward

import "context"

// reserve holds back what an attempt at the model may spend.
func (r *run) reserve(ctx context.Context, m *model) (Reservation, error) {
	if r.deps.Budgets == nil || len(r.deps.Catalog.Budgets) == 0 {
		return unlimited{}, nil
	}
	answer := int64(r.call.Request.MaxTokens)
	if answer == 0 {
		answer = int64(r.config.AnswerTokens)
	}
	claim := Claim{
		User: r.call.User, Team: r.call.Team, Route: r.call.Route,
		Tokens: r.tokens() + answer, Priced: m.Price != nil,
	}
	if m.Price != nil {
		claim.Cost = Cost(*m.Price, Usage{InputTokens: r.tokens(), OutputTokens: answer})
	}
	return r.deps.Budgets.Reserve(ctx, claim)
}

// unlimited is the reservation where there is no budget.
type unlimited struct{}

var _ Reservation = unlimited{}

func (unlimited) Settle(int64, int64) {}
