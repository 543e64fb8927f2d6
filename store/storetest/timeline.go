package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semroute/semroute/store"
)

// minutes is a span of three steps from the clock's time on.
func minutes(c *Clock, lines int) store.TimelineFilter {
	return store.TimelineFilter{Since: c.Now(), Before: c.Now().Add(150 * time.Second), Step: time.Minute, Lines: lines}
}

func timelineOf(t testing.TB, s store.Timelines, f store.TimelineFilter) store.Timeline {
	t.Helper()
	got, err := s.Timeline(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func recordsAreSummedUpOverTime(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "timeline", store.Config{Now: c.Now})
	call := func(after time.Duration, route string, ms ...time.Duration) store.Record {
		r := Record(c.Now().Add(after), route, "small", "jo", "", 97)
		r.Decided, r.Latency = 50*time.Microsecond, ms[len(ms)-1]*time.Millisecond
		for i, d := range ms {
			r.Attempts = append(r.Attempts, store.Attempt{Model: []string{"small", "large"}[i%2], Failed: i < len(ms)-1, Took: d * time.Millisecond})
		}
		return r
	}
	failed := call(0, "billing", 400)
	failed.Failed, failed.Attempts[0].Failed = true, true
	none := store.Record{Time: c.Now().Add(time.Minute), Reason: "far", Routing: 2, Decided: time.Millisecond, Body: []byte("{}")}
	later := none
	later.Time, later.Reason = c.Now().Add(149*time.Second), "margin"
	for _, r := range []store.Record{
		call(-time.Nanosecond, "before", 1), call(150*time.Second, "after", 1),
		call(0, "billing", 100), call(59*time.Second, "billing", 200), call(59*time.Second, "parcels", 900, 300), failed, none, later,
	} {
		s.Append(r)
	}
	Sync(t, s)
	f := minutes(c, 0)
	four := store.Sum{
		Decisions: 4, Calls: 4, Failed: 1, InputTokens: 12, OutputTokens: 16, Answer: 4 * 97, Wasted: 4, Routing: 8, Dearest: 40 * 97,
	}
	want := store.Timeline{
		From:    f.Since,
		Steps:   []store.Sum{four, {Decisions: 1, Routing: 2}, {Decisions: 1, Routing: 2}},
		Routes:  []store.Line{{Name: "billing", Counts: []int64{3, 0, 0}}, {Name: "parcels", Counts: []int64{1, 0, 0}}},
		Reasons: []store.Line{{Name: "far", Counts: []int64{0, 1, 0}}, {Name: "margin", Counts: []int64{0, 0, 1}}},
		Models: []store.ModelLine{
			{
				Name: "small", Asked: []int64{4, 0, 0}, Failed: []int64{2, 0, 0},
				Took: store.Quantiles{Count: 4, P50: 200 * time.Millisecond, P90: 900 * time.Millisecond, P99: 900 * time.Millisecond},
			},
			{
				Name: "large", Asked: []int64{1, 0, 0}, Failed: []int64{0, 0, 0},
				Took: store.Quantiles{Count: 1, P50: 300 * time.Millisecond, P90: 300 * time.Millisecond, P99: 300 * time.Millisecond},
			},
		},
		Decided: []store.Quantiles{
			{Count: 4, P50: 50 * time.Microsecond, P90: 50 * time.Microsecond, P99: 50 * time.Microsecond},
			{Count: 1, P50: time.Millisecond, P90: time.Millisecond, P99: time.Millisecond},
			{Count: 1, P50: time.Millisecond, P90: time.Millisecond, P99: time.Millisecond},
		},
		Answered: []store.Quantiles{
			{Count: 4, P50: 200 * time.Millisecond, P90: 400 * time.Millisecond, P99: 400 * time.Millisecond}, {}, {},
		},
	}
	if diff := cmp.Diff(want, timelineOf(t, s, f)); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
}

// fewLinesAreNamed: whatever names there are, a timeline stays small.
func fewLinesAreNamed(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "lines", store.Config{Now: c.Now})
	for i := range 60 {
		for range 1 + i%3 {
			r := Record(c.Now(), fmt.Sprintf("r%02d", i), "m", "u", "", 1)
			r.Attempts = []store.Attempt{{Model: fmt.Sprintf("m%02d", i)}}
			s.Append(r)
		}
		s.Append(store.Record{Time: c.Now(), Reason: fmt.Sprintf("x%02d", i), Body: []byte("{}")})
	}
	Sync(t, s)
	got := timelineOf(t, s, minutes(c, 2))
	want := []store.Line{{Name: "r02", Counts: []int64{3, 0, 0}}, {Name: "r05", Counts: []int64{3, 0, 0}}, {Other: true, Counts: []int64{114, 0, 0}}}
	if diff := cmp.Diff(want, got.Routes); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	want = []store.Line{{Name: "x00", Counts: []int64{1, 0, 0}}, {Name: "x01", Counts: []int64{1, 0, 0}}, {Other: true, Counts: []int64{58, 0, 0}}}
	if diff := cmp.Diff(want, got.Reasons); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if m := got.Models; len(m) != 3 || m[0].Name != "m02" || m[0].Took.Count != 3 || !m[2].Other || m[2].Asked[0] != 114 || m[2].Took.Count != 0 {
		t.Errorf("models are %+v", m)
	}
	if n := len(timelineOf(t, s, minutes(c, math.MaxInt)).Routes); n != store.MaxLines+1 {
		t.Errorf("%d routes are named", n)
	}
}

func timelinesThatCannotBe(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "none", store.Config{Now: c.Now})
	for name, f := range map[string]store.TimelineFilter{
		"nothing":        {},
		"no end":         {Since: c.Now(), Step: time.Second},
		"backwards":      {Since: c.Now(), Before: c.Now().Add(-time.Second), Step: time.Second},
		"empty":          {Since: c.Now(), Before: c.Now(), Step: time.Second},
		"no step":        {Since: c.Now(), Before: c.Now().Add(time.Second)},
		"negative step":  {Since: c.Now(), Before: c.Now().Add(time.Second), Step: -1},
		"too many steps": {Since: c.Now(), Before: c.Now().Add(store.MaxSteps + 1), Step: 1},
	} {
		if _, err := s.Timeline(context.Background(), f); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	got := timelineOf(t, s, store.TimelineFilter{Since: c.Now(), Before: c.Now().Add(store.MaxSteps), Step: 1})
	if len(got.Steps) != store.MaxSteps || len(got.Decided) != store.MaxSteps || len(got.Answered) != store.MaxSteps || got.Routes != nil {
		t.Errorf("of no records: %d steps, %v", len(got.Steps), got.Routes)
	}
}

// attemptsGoWithTheirRecords: they take no room for longer.
func attemptsGoWithTheirRecords(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "attempts", store.Config{Now: c.Now})
	f := store.TimelineFilter{Since: c.Now(), Before: c.Now().Add(20 * time.Second), Step: time.Second}
	for i := range 20 {
		r := Record(c.Now().Add(time.Duration(i)*time.Second), "r", "m", "u", "", 1)
		r.Attempts = make([]store.Attempt, store.MaxAttempts+1)
		s.Append(r)
	}
	Sync(t, s)
	if got := timelineOf(t, s, f).Models[0].Asked[0]; got != store.MaxAttempts {
		t.Errorf("%d attempts of one record are kept", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c.Pass(20 * time.Second)
	s = open(t, "attempts", store.Config{Now: c.Now, MaxAge: 15 * time.Second})
	Sync(t, s)
	got := timelineOf(t, s, f)
	if got.Models[0].Asked[4] != 0 || got.Models[0].Asked[5] != store.MaxAttempts || got.Steps[4].Decisions != 0 {
		t.Errorf("what is left: %+v", got.Models)
	}
}

func recordsAreListedInPages(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "pages", store.Config{Now: c.Now})
	const n = 25
	for i := range n {
		s.Append(decided(c.Now().Add(time.Duration(i/10)*time.Second), fmt.Sprint(i), "billing", ""))
	}
	Sync(t, s)
	var got []string
	var after *store.Place
	for range n {
		page, err := s.Records(context.Background(), store.RecordFilter{After: after, Limit: 4})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			got = append(got, r.Decision)
		}
		after = &store.Place{Time: page[len(page)-1].Time, Seq: page[len(page)-1].Seq}
		s.Append(decided(c.Now().Add(time.Hour), "new", "billing", "")) // moves nothing that is listed later
		Sync(t, s)
	}
	var want []string
	for i := n - 1; i >= 0; i-- {
		want = append(want, fmt.Sprint(i))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}

func balancesAreListed(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "balances", store.Config{Now: c.Now})
	for user, spent := range map[string]int64{"ann": 5, "bo": 70, "cy": 5, "dee": 0} {
		reserve(t, s, asked(user, 100, 80)).Settle([]int64{spent})
	}
	if err := s.Close(); err != nil { // books what is spent
		t.Fatal(err)
	}
	s = open(t, "balances", store.Config{Now: c.Now})
	resets := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	daily := store.BalanceFilter{Budget: "each", Scope: "user", Period: store.Day}
	list := func(change func(*store.BalanceFilter)) []store.Balance {
		t.Helper()
		f := daily
		change(&f)
		got, err := s.Balances(context.Background(), f)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	bo, ann, cy := store.Balance{Name: "bo", Spent: 70, Resets: resets}, store.Balance{Name: "ann", Spent: 5, Resets: resets}, store.Balance{Name: "cy", Spent: 5, Resets: resets}
	for name, test := range map[string]struct {
		change func(*store.BalanceFilter)
		want   []store.Balance
	}{
		"all":               {func(*store.BalanceFilter) {}, []store.Balance{bo, ann, cy}},
		"the first":         {func(f *store.BalanceFilter) { f.Limit = 2 }, []store.Balance{bo, ann}},
		"one":               {func(f *store.BalanceFilter) { f.Name = "cy" }, []store.Balance{cy}},
		"of another period": {func(f *store.BalanceFilter) { f.Period = store.Month }, nil},
		"of another budget": {func(f *store.BalanceFilter) { f.Budget = "x" }, nil},
		"of another scope":  {func(f *store.BalanceFilter) { f.Scope = "team" }, nil},
	} {
		if diff := cmp.Diff(test.want, list(test.change), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	c.Pass(time.Minute) // the next day
	if got := list(func(*store.BalanceFilter) {}); len(got) != 0 {
		t.Errorf("of a period that is over: %v", got)
	}
}
