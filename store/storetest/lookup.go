package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/store"
)

// decided is a record of a decision with an id.
func decided(at time.Time, id, route, prompt string) store.Record {
	r := Record(at, route, "m", "jo", prompt, 5)
	r.Decision = id
	return r
}

func aRecordIsFoundByItsDecision(t *testing.T, open Open) {
	ctx, at := context.Background(), NewClock().Now()
	s := open(t, "lookup", store.Config{Prompts: store.FullPrompts, Now: NewClock().Now})
	want := decided(at, "one", "billing", "where is my refund")
	want.Reason, want.Decided, want.Latency = "a reason", 60*time.Microsecond, time.Second
	want.Failed, want.Estimated, want.Unpriced, want.Implausible = true, true, true, true
	s.Append(want)
	s.Append(decided(at, "two", "", ""))
	s.Append(decided(at, "", "x", ""))
	Sync(t, s)
	got, err := s.Record(ctx, "one")
	want.Seq = got.Seq
	if diff := cmp.Diff(want, got); err != nil || got.Seq == 0 || diff != "" {
		t.Errorf("%v, record (-want +got):\n%s", err, diff)
	}
	if got, err := s.Record(ctx, "two"); err != nil || got.Prompt != "" || got.Route != "" {
		t.Errorf("without a text: %+v, %v", got, err)
	}
	for _, id := range []string{"", "three", "one' OR ''='", "o\x00ne"} {
		if _, err := s.Record(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("decision %q: %v", id, err)
		}
	}
}

func recordsAreListedNewestFirst(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "list", store.Config{Prompts: store.FullPrompts, Now: c.Now})
	for _, r := range []store.Record{
		decided(c.Now(), "a", "billing", "x"), decided(c.Now().Add(time.Second), "b", "billing", ""),
		decided(c.Now().Add(2*time.Second), "c", "parcels", "y"), decided(c.Now().Add(2*time.Second), "d", "parcels", "z"),
	} {
		s.Append(r)
	}
	none := decided(c.Now().Add(-time.Hour), "none", "", "")
	none.Reason, none.Failed = "far", true
	s.Append(none)
	Sync(t, s)
	tests := map[string]struct {
		filter store.RecordFilter
		want   []string
	}{
		"all":           {store.RecordFilter{}, []string{"d", "c", "b", "a", "none"}},
		"the newest":    {store.RecordFilter{Limit: 1}, []string{"d"}},
		"with a text":   {store.RecordFilter{WithText: true}, []string{"d", "c", "a"}},
		"of a route":    {store.RecordFilter{Route: "billing"}, []string{"b", "a"}},
		"of a model":    {store.RecordFilter{Model: "other"}, nil},
		"of a user":     {store.RecordFilter{User: "jo", Limit: 2}, []string{"d", "c"}},
		"of a time":     {store.RecordFilter{Since: c.Now().Add(time.Second), Before: c.Now().Add(2 * time.Second)}, []string{"b"}},
		"of no time":    {store.RecordFilter{Since: c.Now().Add(-time.Minute), Before: c.Now()}, nil},
		"of a reason":   {store.RecordFilter{Reason: "far"}, []string{"none"}},
		"of no reason":  {store.RecordFilter{Reason: "far' OR ''='"}, nil},
		"without route": {store.RecordFilter{Abstained: true}, []string{"none"}},
		"failed":        {store.RecordFilter{Failed: true}, []string{"none"}},
		"of any amount": {store.RecordFilter{Limit: 1 << 40}, []string{"d", "c", "b", "a", "none"}},
	}
	for name, test := range tests {
		list, err := s.Records(context.Background(), test.filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range list {
			got = append(got, r.Decision)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
