package trafficapi

import (
	"context"
	"strings"

	"github.com/semroute/semroute/forward/health"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// usualSpenders is how many are listed a budget where nobody says.
const usualSpenders = 10

// ListModelStates implements the service.
func (s *service) ListModelStates(context.Context, *semroutev1.ListModelStatesRequest) (*semroutev1.ListModelStatesResponse, error) {
	catalog := s.parts.Catalog()
	known, failed := map[string]semroutev1.ModelState_Circuit{}, map[string]health.State{}
	if s.parts.Health != nil {
		for _, state := range s.parts.Health() {
			known[state.Name] = max(known[state.Name], circuitOf(state))
			if state.FailedAt.After(failed[state.Name].FailedAt) {
				failed[state.Name] = state
			}
		}
	}
	resp := &semroutev1.ListModelStatesResponse{}
	for _, m := range catalog.Models {
		state := &semroutev1.ModelState{
			Name: m.Name, Provider: string(m.Provider), Model: m.Model,
			Circuit: max(known[m.Name], semroutev1.ModelState_CLOSED), Routes: servedBy(catalog, m.Name),
		}
		if last, ok := failed[m.Name]; ok {
			state.LastFailure, state.LastFailureTime = strings.ToValidUTF8(last.Failed, "\ufffd"), timestamppb.New(last.FailedAt)
		}
		resp.Models = append(resp.Models, state)
	}
	return resp, nil
}

// circuitOf is the circuit of a model; those that are worse are larger.
func circuitOf(s health.State) semroutev1.ModelState_Circuit {
	switch {
	case s.Open:
		return semroutev1.ModelState_OPEN
	case s.HalfOpen:
		return semroutev1.ModelState_HALF_OPEN
	}
	return semroutev1.ModelState_CLOSED
}

func servedBy(catalog *routes.Catalog, model string) []string {
	var names []string
	for _, r := range catalog.Routes {
		for _, m := range r.Models {
			if m == model {
				names = append(names, r.Name)
			}
		}
	}
	return names
}

// ListBudgets implements the service.
func (s *service) ListBudgets(ctx context.Context, req *semroutev1.ListBudgetsRequest) (*semroutev1.ListBudgetsResponse, error) {
	if s.parts.Records == nil {
		return nil, errKeepsNothing
	}
	resp := &semroutev1.ListBudgetsResponse{}
	for _, b := range s.parts.Catalog().Budgets {
		state := budgetToProto(&b)
		if b.USD != nil {
			limit := int(req.GetSpenders())
			if limit == 0 {
				limit = usualSpenders
			}
			spent, err := s.parts.Records.Balances(ctx, store.BalanceFilter{
				Budget: b.Name, Scope: string(b.Per), Period: store.Period(state.GetWindow()), Name: b.Match, Limit: limit,
			})
			if err != nil {
				return nil, err
			}
			for _, one := range spent {
				state.Spenders = append(state.Spenders, &semroutev1.BudgetState_Spender{
					Name: one.Name, SpentNanoUsd: one.Spent, Resets: timestamppb.New(one.Resets),
				})
			}
		}
		resp.Budgets = append(resp.Budgets, state)
	}
	return resp, nil
}

func budgetToProto(b *routes.Budget) *semroutev1.BudgetState {
	state := &semroutev1.BudgetState{
		Name: b.Name, Per: string(b.Per), Match: b.Match, LimitNanoUsd: b.USD,
		Window: string(b.Window), TokensPerMinute: b.TokensPerMinute, OnExceeded: string(b.OnExceeded),
	}
	if b.Window == "" {
		state.Window = string(routes.Day)
	}
	if b.OnExceeded == "" {
		state.OnExceeded = string(routes.Refuse)
	}
	return state
}
