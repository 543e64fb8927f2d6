package feedback_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/learn/feedback"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// opened is a log over a store that holds the decision d-refunds, which the
// semantic stage made, d-none, an abstention, and d-rule.
func opened(t *testing.T) (*feedback.Log, func(time.Duration)) {
	t.Helper()
	kept, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "ledger.db"), store.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	for id, route := range map[string]string{"d-refunds": "refunds", "d-none": "", "d-rule": "refunds"} {
		stage := map[string]string{"d-refunds": "SEMANTIC", "d-none": "FALLBACK", "d-rule": "RULE"}[id]
		body := fmt.Sprintf(`{"decision":{"decision_id":%q,"route":%q,"confidence":0.75,"stage":%q,"fingerprint":"f1"}}`, id, route, stage)
		kept.Append(store.Record{Time: start, Decision: id, Route: route, Model: "small", Body: json.RawMessage(body)})
	}
	now := start.Add(time.Hour)
	return feedback.NewLog(kept, func() time.Time { return now }), func(d time.Duration) { now = now.Add(d) }
}

func TestGive(t *testing.T) {
	log, _ := opened(t)
	for name, c := range map[string]struct {
		say         feedback.Feedback
		verdict     feedback.Verdict
		promised    bool
		err         error
		mustMention string
	}{
		"right":                          {say: feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Right}, verdict: feedback.Right, promised: true},
		"the right route is another":     {say: feedback.Feedback{Decision: "d-refunds", RightRoute: new("parcels")}, verdict: feedback.Wrong, promised: true},
		"the right route is the chosen":  {say: feedback.Feedback{Decision: "d-refunds", RightRoute: new("refunds")}, verdict: feedback.Right, promised: true},
		"no route fits, and none chosen": {say: feedback.Feedback{Decision: "d-none", RightRoute: new("")}, verdict: feedback.Right},
		"of a rule":                      {say: feedback.Feedback{Decision: "d-rule", Verdict: feedback.Wrong}, verdict: feedback.Wrong},
		"of a route that is gone":        {say: feedback.Feedback{Decision: "d-refunds", RightRoute: new("gone")}, verdict: feedback.Wrong, promised: true},
		"a score alone":                  {say: feedback.Feedback{Decision: "d-refunds", Score: new(0.0)}, promised: true},
		"unknown decision":               {say: feedback.Feedback{Decision: "nobody", Verdict: feedback.Right}, err: feedback.ErrUnknownDecision, mustMention: "--ledger-max-age"},
		"nothing said":                   {say: feedback.Feedback{Decision: "d-refunds", Comment: "hm"}, err: feedback.ErrInvalid, mustMention: "right or wrong"},
		"right, but another is right":    {say: feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Right, RightRoute: new("parcels")}, err: feedback.ErrInvalid, mustMention: `"parcels"`},
		"a score of nothing":             {say: feedback.Feedback{Decision: "d-refunds", Score: new(math.NaN())}, err: feedback.ErrInvalid},
		"a score beyond":                 {say: feedback.Feedback{Decision: "d-refunds", Score: new(1.1)}, err: feedback.ErrInvalid, mustMention: "1.1"},
		"a long comment":                 {say: feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Right, Comment: strings.Repeat("x", 5000)}, err: feedback.ErrInvalid},
		"no decision":                    {say: feedback.Feedback{Verdict: feedback.Right}, err: feedback.ErrInvalid, mustMention: "decision_id"},
		"another verdict":                {say: feedback.Feedback{Decision: "d-refunds", Verdict: "maybe"}, err: feedback.ErrInvalid, mustMention: "maybe"},
	} {
		t.Run(name, func(t *testing.T) {
			c.say.Source = feedback.User
			kept, repeated, err := log.Give(t.Context(), c.say)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err != nil {
				if !strings.Contains(err.Error(), c.mustMention) {
					t.Errorf("%v does not mention %s", err, c.mustMention)
				}
				return
			}
			if repeated || kept.Verdict != c.verdict || kept.Of.Promised != c.promised || kept.Of.Confidence != .75 || kept.Of.Model != "small" || !kept.Of.Time.Equal(start) {
				t.Errorf("kept %+v, repeated %v", kept, repeated)
			}
		})
	}
}

func TestFeedbackIsKeptOnce(t *testing.T) {
	log, pass := opened(t)
	give := func(f feedback.Feedback) (bool, error) {
		t.Helper()
		f.Source = feedback.User
		_, repeated, err := log.Give(t.Context(), f)
		pass(24 * time.Hour) // late feedback is feedback
		return repeated, err
	}
	for i, c := range []struct {
		say      feedback.Feedback
		repeated bool
		err      error
	}{
		{feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Right}, false, nil},
		{feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Right}, true, nil},
		{feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Right, Key: "k"}, false, nil},
		{feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Right, Key: "k"}, true, nil},
		{feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Wrong, Key: "k"}, false, feedback.ErrKeyUsed},
		{feedback.Feedback{Decision: "d-none", Verdict: feedback.Right, Key: "k"}, false, feedback.ErrKeyUsed},
		{feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Wrong}, false, nil}, // they have changed their mind
	} {
		if repeated, err := give(c.say); repeated != c.repeated || !errors.Is(err, c.err) {
			t.Errorf("%d: repeated %v, error %v; want %v, %v", i, repeated, err, c.repeated, c.err)
		}
	}
	list, last, err := log.List(t.Context(), time.Time{}, "", 0, 100)
	if err != nil || len(list) != 3 {
		t.Fatalf("%d kept, want 3; %v", len(list), err)
	}
	if again, _, err := log.List(t.Context(), time.Time{}, "", last, 100); err != nil || len(again) != 0 {
		t.Errorf("after the last: %v, %v", again, err)
	}
	if some, _, err := log.List(t.Context(), time.Time{}, "d-none", 0, 100); err != nil || len(some) != 0 {
		t.Errorf("of another decision: %v, %v", some, err)
	}
	if recent, _, err := log.List(t.Context(), list[1].Time, "", 0, 1); err != nil || len(recent) != 1 || !recent[0].Time.Equal(list[1].Time) {
		t.Errorf("one since the second: %v, %v", recent, err)
	}
}

func TestSummarize(t *testing.T) {
	at := func(h int) time.Time { return start.Add(time.Duration(h) * time.Hour) }
	of := feedback.Decision{Route: "refunds"}
	got := feedback.Summarize([]feedback.Feedback{
		{Decision: "a", Source: feedback.User, Verdict: feedback.Wrong, RightRoute: new("parcels"), Time: at(1), Of: of},
		{Decision: "b", Source: feedback.Judge, Thumbs: feedback.Down, Sampled: true, Time: at(2), Of: of},
		{Decision: "a", Source: feedback.Judge, Verdict: feedback.Right, Score: new(.4), Time: at(3), Of: of},
		{Decision: "a", Source: feedback.User, Thumbs: feedback.Up, Time: at(4), Of: of},
		{Decision: "b", Source: feedback.User, Verdict: feedback.Right, Time: at(5), Of: of},
	})
	want := []feedback.Summary{
		{Decision: "a", Verdict: feedback.Wrong, RightRoute: new("parcels"), Thumbs: feedback.Up, Score: new(.4), First: at(1), Of: of},
		{Decision: "b", Verdict: feedback.Right, Thumbs: feedback.Down, Sampled: true, First: at(2), Of: of},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("summaries (-want +got):\n%s", diff)
	}
	if route, ok := got[0].Known(); route != "parcels" || !ok {
		t.Errorf("a: right is %q, %v", route, ok)
	}
	if route, ok := got[1].Known(); route != "refunds" || !ok {
		t.Errorf("b: right is %q, %v", route, ok)
	}
	if quality, ok := got[0].Quality(); quality != .4 || !ok {
		t.Errorf("a: quality %v, %v", quality, ok)
	}
	if quality, ok := got[1].Quality(); quality != 0 || !ok {
		t.Errorf("b: quality %v, %v", quality, ok)
	}
}

func TestGiveEndsWithItsContext(t *testing.T) {
	log, _ := opened(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := log.Give(ctx, feedback.Feedback{Decision: "d-refunds", Verdict: feedback.Right, Source: feedback.User}); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: %v", err)
	}
}
