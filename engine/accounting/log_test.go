package accounting_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/engine/accounting"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/store"
)

func TestWhatIsSummedUpOfARecord(t *testing.T) {
	r := forward.Record{
		Decision: forward.Decision{Reason: "far", Why: &forward.Why{TotalUS: 70}}, Latency: time.Second,
		Attempts: []forward.Attempt{
			{Model: "a", Status: forward.Skipped},
			{Model: "a", Status: forward.OverBudget},
			{Model: "a", Status: forward.Unsupported},
			{Model: "b", Status: "rate limited", Latency: time.Millisecond},
			{Model: "b", Status: forward.Cancelled, Latency: 2 * time.Millisecond},
			{Model: "c", Status: forward.Rejected},
			{Model: "c", Status: forward.Lost},
			{Model: "c", Status: forward.Done, Latency: 3 * time.Millisecond},
		},
	}
	got := accounting.Stored(r)
	if got.Reason != "far" || got.Decided != 70*time.Microsecond || got.Latency != time.Second {
		t.Errorf("reason %q, decided in %s, answered in %s", got.Reason, got.Decided, got.Latency)
	}
	want := []store.Attempt{
		{Model: "b", Failed: true, Took: time.Millisecond}, {Model: "b", Took: 2 * time.Millisecond}, {Model: "c"}, {Model: "c"},
		{Model: "c", Took: 3 * time.Millisecond},
	}
	if diff := cmp.Diff(want, got.Attempts); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}
	r.Decision.Route = "billing"
	if got := accounting.Stored(r).Reason; got != "" {
		t.Errorf("with a route, the reason for none is %q", got)
	}
}
