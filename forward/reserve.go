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
	price := m.Prices.At(r.started)
	claim := Claim{
		User: r.call.User, Team: r.call.Team, Route: r.call.Route,
		Tokens: r.tokens() + answer, Priced: price != nil,
	}
	if price != nil {
		// Any of the prompt may have to be written to a cache, which can cost more.
		usage := Usage{InputTokens: r.tokens(), OutputTokens: answer}
		claim.Cost = Cost(*price, usage)
		usage.CacheWriteTokens = usage.InputTokens
		claim.Cost = max(claim.Cost, Cost(*price, usage))
	}
	return r.deps.Budgets.Reserve(ctx, claim)
}

// unlimited is the reservation where there is no budget.
type unlimited struct{}

var _ Reservation = unlimited{}

func (unlimited) Settle(int64, int64) {}
