package trafficapi

import (
	"context"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/semroute/semroute/forward/health"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// withRecords is the service over a real store with ten decisions: one a minute before
// noon, every other an abstention, each third a call.
func withRecords(t *testing.T) *service {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "calls.db"), store.Config{Prompts: store.FullPrompts, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	for i := range 10 {
		r := store.Record{
			Time: noon.Add(-time.Duration(i+1) * time.Minute), Decision: "d" + strconv.Itoa(i), Route: "refunds",
			Prompt: "prompt " + strconv.Itoa(i), Body: []byte(`{}`), Decided: time.Millisecond,
		}
		if i%2 == 1 {
			r.Route, r.Reason = "", "below_confidence"
		}
		if i%3 == 0 {
			r.Model, r.Forwarded, r.Latency = "small", true, time.Second
			r.Attempts = []store.Attempt{{Model: "small", Took: time.Second}}
			r.InputTokens, r.OutputTokens, r.Answer, r.Dearest = 10, 5, 100, 300
		}
		kept.Append(r)
	}
	usd := int64(1000)
	catalog := &routes.Catalog{
		Models:  []routes.Model{{Name: "small", Provider: routes.OpenAI, Model: "gpt-x"}, {Name: "large", Provider: routes.Anthropic, Model: "c"}},
		Routes:  []routes.Route{{Name: "refunds", Models: []string{"small", "large"}}, {Name: "shipping", Models: []string{"small"}}},
		Budgets: []routes.Budget{{Name: "each", Per: routes.PerUser, USD: &usd}, {Name: "calm", Per: routes.PerTeam, TokensPerMinute: 50}},
	}
	hold, err := kept.Reserve(t.Context(), []store.Ask{{Account: store.Account{Budget: "each", Scope: "user", Name: "ann", Period: store.Period(routes.Day)}, Limit: usd, Amount: 70}})
	if err != nil {
		t.Fatal(err)
	}
	hold.Settle([]int64{60})
	return &service{parts: Parts{
		Records: kept, Catalog: func() *routes.Catalog { return catalog }, Now: func() time.Time { return noon },
		Health: func() []health.State {
			return []health.State{
				{Name: "large", Open: true, Failed: "503: too much to do", FailedAt: noon},
				{Name: "large", Failed: "an older one", FailedAt: noon.Add(-time.Hour)},
				{Name: "gone", Open: true},
			}
		},
	}}
}

func TestTrafficIsSummedUpOverTime(t *testing.T) {
	s := withRecords(t)
	got, err := s.GetTraffic(t.Context(), &semroutev1.GetTrafficRequest{Since: timestamppb.New(noon.Add(-10 * time.Minute)), Before: timestamppb.New(noon), Steps: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.GetSteps()) != 5 || got.GetStepMs() != 120_000 {
		t.Fatalf("%d steps of %d ms", len(got.GetSteps()), got.GetStepMs())
	}
	total := got.GetTotal()
	if total.GetDecisions() != 10 || total.GetAbstentions() != 5 || total.GetCalls() != 4 || total.GetInputTokens() != 40 || total.GetCostNanoUsd() != 400 || total.GetDearestNanoUsd() != 1200 {
		t.Errorf("%v", total)
	}
	if len(got.GetModels()) != 1 || got.GetModels()[0].GetName() != "small" || got.GetModels()[0].GetTook().GetP50Us() != 1_000_000 {
		t.Errorf("%v", got.GetModels())
	}
	for i, step := range got.GetSteps() {
		if step.GetDecisions() != 2 || step.GetAbstentions() != 1 {
			t.Errorf("step %d: %v", i, step)
		}
	}
	usual, err := s.GetTraffic(t.Context(), &semroutev1.GetTrafficRequest{})
	if err != nil || len(usual.GetSteps()) != usualSteps || usual.GetTotal().GetDecisions() != 10 {
		t.Errorf("the last day: %v, %v", usual, err)
	}
}

func TestWhatCannotBeSummedUp(t *testing.T) {
	s := withRecords(t)
	for name, c := range map[string]struct {
		of   *service
		req  *semroutev1.GetTrafficRequest
		want codes.Code
	}{
		"backwards":  {s, &semroutev1.GetTrafficRequest{Since: timestamppb.New(noon), Before: timestamppb.New(noon.Add(-time.Hour))}, codes.InvalidArgument},
		"no time":    {s, &semroutev1.GetTrafficRequest{Since: timestamppb.New(noon), Before: timestamppb.New(noon)}, codes.InvalidArgument},
		"no records": {&service{}, &semroutev1.GetTrafficRequest{}, codes.FailedPrecondition},
	} {
		if _, err := c.of.GetTraffic(t.Context(), c.req); status.Code(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDecisionsAreListedInPages(t *testing.T) {
	s := withRecords(t)
	all := func(req *semroutev1.ListDecisionsRequest) (ids []string) {
		for {
			page, err := s.ListDecisions(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range page.GetDecisions() {
				ids = append(ids, d.GetDecisionId())
			}
			if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
				return ids
			}
		}
	}
	for name, c := range map[string]struct {
		req  *semroutev1.ListDecisionsRequest
		want []string
	}{
		"all":             {&semroutev1.ListDecisionsRequest{PageSize: 3}, []string{"d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"}},
		"abstentions":     {&semroutev1.ListDecisionsRequest{PageSize: 2, Abstained: true}, []string{"d1", "d3", "d5", "d7", "d9"}},
		"of a reason":     {&semroutev1.ListDecisionsRequest{PageSize: 2, Reason: "nothing"}, nil},
		"failed calls":    {&semroutev1.ListDecisionsRequest{Failed: true}, nil},
		"of a model, old": {&semroutev1.ListDecisionsRequest{PageSize: 1, Model: "small", Before: timestamppb.New(noon.Add(-5 * time.Minute))}, []string{"d6", "d9"}},
	} {
		if diff := cmp.Diff(c.want, all(c.req)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, token := range []string{"x", "1", "1.x", "x.1", ".", "99999999999999999999.1"} {
		if _, err := s.ListDecisions(t.Context(), &semroutev1.ListDecisionsRequest{PageToken: token}); status.Code(err) != codes.InvalidArgument {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func TestModelsAreThoseOfTheCatalog(t *testing.T) {
	got, err := withRecords(t).ListModelStates(context.Background(), &semroutev1.ListModelStatesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, m := range got.GetModels() {
		told = append(told, m.GetName()+" "+m.GetProvider()+" "+m.GetCircuit().String()+" "+strconv.Itoa(len(m.GetRoutes()))+" "+m.GetLastFailure())
		if at := m.GetLastFailureTime(); (at != nil) != (m.GetName() == "large") || at != nil && !at.AsTime().Equal(noon) {
			t.Errorf("%s failed at %v", m.GetName(), at)
		}
	}
	if diff := cmp.Diff([]string{"small openai CLOSED 2 ", "large anthropic OPEN 1 503: too much to do"}, told); diff != "" {
		t.Error(diff)
	}
}

func TestBudgetsSayWhoHasSpentTheMost(t *testing.T) {
	got, err := withRecords(t).ListBudgets(t.Context(), &semroutev1.ListBudgetsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	each, calm := got.GetBudgets()[0], got.GetBudgets()[1]
	if each.GetLimitNanoUsd() != 1000 || each.GetWindow() != "day" || each.GetOnExceeded() != "refuse" || len(each.GetSpenders()) != 1 || each.GetSpenders()[0].GetName() != "ann" || each.GetSpenders()[0].GetSpentNanoUsd() != 60 {
		t.Errorf("%v", each)
	}
	if calm.LimitNanoUsd != nil || calm.GetTokensPerMinute() != 50 {
		t.Errorf("%v", calm)
	}
	if _, err := (&service{}).ListBudgets(t.Context(), &semroutev1.ListBudgetsRequest{}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("without a store: %v", err)
	}
}
