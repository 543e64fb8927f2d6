package shadow_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/learn/shadow"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// candidate decides by what the test says for a text.
type candidate func(ctx context.Context, text string) (router.Decision, error)

func (c candidate) Decide(ctx context.Context, p router.Prompt, _ router.Limits) (router.Decision, error) {
	if len(p.Messages) > 0 {
		return c(ctx, p.Messages[len(p.Messages)-1].Text())
	}
	return c(ctx, p.Text)
}

// priced is a catalog of a cheap and a dear model.
func priced() *routes.Catalog {
	price := func(usd int64) routes.Prices {
		return routes.Prices{{Rates: routes.Rates{InputPerMTok: usd * 1e9, OutputPerMTok: usd * 1e9}}}
	}
	return &routes.Catalog{Models: []routes.Model{{Name: "cheap", Prices: price(1)}, {Name: "dear", Prices: price(10)}, {Name: "unpriced"}}}
}

// decided is what serves.
func decided(route, model string) *router.Decision {
	d := &router.Decision{Route: route, Abstained: route == "", Confidence: 0.9}
	if model != "" {
		d.Models = []string{model}
	}
	return d
}

// compared runs a shadow on what feed gives it.
func compared(t *testing.T, config shadow.Config, feed func(*shadow.Shadow)) shadow.Report {
	t.Helper()
	var report shadow.Report
	synctest.Test(t, func(t *testing.T) {
		s := shadow.New(config)
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { s.Run(ctx) })
		feed(s)
		synctest.Wait()
		report = s.Report()
		cancel()
		running.Wait()
	})
	return report
}

func TestWhatWouldChange(t *testing.T) {
	said := map[string]*router.Decision{
		"stays": decided("a", "cheap"), "another model": decided("a", "dear"), "another route": decided("b", "dear"),
		"none": decided("", ""), "some": decided("b", "cheap"),
	}
	config := shadow.Config{
		Share: 1, Catalog: priced(), KeepExamples: true, Redact: strings.ToUpper,
		Candidate: candidate(func(_ context.Context, text string) (router.Decision, error) {
			d := *said[text]
			d.Confidence = 0.5
			return d, nil
		}),
	}
	got := compared(t, config, func(s *shadow.Shadow) {
		for _, was := range []struct {
			text string
			d    *router.Decision
		}{
			{"stays", decided("a", "cheap")}, {"another model", decided("a", "cheap")}, {"another route", decided("a", "cheap")},
			{"none", decided("a", "cheap")}, {"some", decided("", "")},
		} {
			s.Decided(&router.Prompt{Text: was.text}, was.d)
		}
		s.Decided(&router.Prompt{Messages: []chat.Message{chat.Say(chat.User, "another route")}}, decided("a", "cheap"))
	})
	want := shadow.Report{
		Compared: 6, Routes: 2, Abstentions: 2, Models: 1, Costs: shadow.Costs{Unpriced: 6},
		PerRoute: []shadow.RouteReport{{Route: "", Active: 1, Candidate: 1}, {Route: "a", Active: 5, Candidate: 2, Same: 2}, {Route: "b", Candidate: 3}},
		Moves: []shadow.Move{
			{From: "a", To: "b", Count: 2, Examples: []shadow.Example{{Text: "ANOTHER ROUTE", FromConfidence: 0.9, ToConfidence: 0.5}, {Text: "ANOTHER ROUTE", FromConfidence: 0.9, ToConfidence: 0.5}}},
			{From: "", To: "b", Count: 1, Examples: []shadow.Example{{Text: "SOME", FromConfidence: 0.9, ToConfidence: 0.5}}},
			{From: "a", To: "", Count: 1, Examples: []shadow.Example{{Text: "NONE", FromConfidence: 0.9, ToConfidence: 0.5}}},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(shadow.Report{}, "Latency")); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	config.KeepExamples = false
	got = compared(t, config, func(s *shadow.Shadow) { s.Decided(&router.Prompt{Text: "none"}, decided("a", "cheap")) })
	if len(got.Moves) != 1 || len(got.Moves[0].Examples) > 0 {
		t.Errorf("prompts may not be kept, but there are %+v", got.Moves)
	}
}

func TestWhatItWouldCost(t *testing.T) {
	catalog := priced()
	for name, tt := range map[string]struct {
		from, to string
		want     shadow.Costs
	}{
		// 8 bytes are 2 tokens, the answer has 256.
		"dearer":               {"cheap", "dear", shadow.Costs{Decisions: 1, Active: 258 * 1000, Candidate: 258 * 10_000}},
		"cheaper":              {"dear", "cheap", shadow.Costs{Decisions: 1, Active: 258 * 10_000, Candidate: 258 * 1000}},
		"unpriced":             {"dear", "unpriced", shadow.Costs{Unpriced: 1}},
		"not in the catalog":   {"dear", "gone", shadow.Costs{Unpriced: 1}},
		"nothing is asked for": {"dear", "", shadow.Costs{Unpriced: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			config := shadow.Config{Share: 1, Catalog: catalog, Candidate: candidate(func(context.Context, string) (router.Decision, error) {
				return *decided("a", tt.to), nil
			})}
			got := compared(t, config, func(s *shadow.Shadow) {
				s.Serving("one", catalog)
				s.Decided(&router.Prompt{Text: "8 bytes."}, decided("a", tt.from))
			})
			if diff := cmp.Diff(tt.want, got.Costs); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestACandidateNeverHoldsAnythingUp: it hangs, and decisions go on at once.
func TestACandidateNeverHoldsAnythingUp(t *testing.T) {
	config := shadow.Config{Share: 1, Catalog: priced(), Timeout: time.Minute, Candidate: candidate(func(ctx context.Context, _ string) (router.Decision, error) {
		<-ctx.Done()
		return router.Decision{}, ctx.Err()
	})}
	got := compared(t, config, func(s *shadow.Shadow) {
		start := time.Now()
		for range 1000 {
			s.Decided(&router.Prompt{Text: "x"}, decided("a", ""))
		}
		if waited := time.Since(start); waited > 0 {
			t.Errorf("decisions waited %s", waited)
		}
		time.Sleep(90 * time.Second)
	})
	if got.Dropped < 700 || got.Failed != 1 || got.Compared != 0 || !strings.Contains(got.LastError, "deadline") {
		t.Errorf("dropped %d, failed %d (%s), compared %d", got.Dropped, got.Failed, got.LastError, got.Compared)
	}
}

func TestAShareIsLookedAt(t *testing.T) {
	drawn := []float64{0.05, 0.2, 0.09, 0.1}
	config := shadow.Config{
		Share: 0.1, Catalog: priced(), Random: func() float64 { x := drawn[0]; drawn = drawn[1:]; return x },
		Candidate: candidate(func(context.Context, string) (router.Decision, error) { return router.Decision{}, errors.New("cannot") }),
	}
	got := compared(t, config, func(s *shadow.Shadow) {
		for range 4 {
			s.Decided(&router.Prompt{Text: "x"}, decided("a", ""))
		}
	})
	if got.Failed != 2 || got.LastError != "cannot" {
		t.Errorf("looked at %d (%s), want 2", got.Failed, got.LastError)
	}
}

func TestAnotherCatalogBeginsAnew(t *testing.T) {
	config := shadow.Config{Share: 1, Catalog: priced(), Candidate: candidate(func(context.Context, string) (router.Decision, error) {
		return router.Decision{Route: "b"}, nil
	})}
	compared(t, config, func(s *shadow.Shadow) {
		for i, fingerprint := range []string{"one", "one", "two"} {
			s.Serving(fingerprint, priced())
			s.Decided(&router.Prompt{Text: "x"}, decided("a", ""))
			synctest.Wait()
			if got, want := s.Report().Compared, []int64{1, 2, 1}[i]; got != want {
				t.Errorf("%d compared, want %d", got, want)
			}
		}
	})
}

func TestLongPromptsAreLeftOut(t *testing.T) {
	config := shadow.Config{Share: 1, Catalog: priced(), Candidate: candidate(func(context.Context, string) (router.Decision, error) {
		return router.Decision{Route: "a"}, nil
	})}
	got := compared(t, config, func(s *shadow.Shadow) {
		s.Decided(&router.Prompt{Text: strings.Repeat("x", 1<<20)}, decided("a", ""))
		s.Decided(&router.Prompt{Text: "x"}, decided("a", ""))
	})
	if got.Compared != 1 {
		t.Errorf("%d compared, want the short one", got.Compared)
	}
}
