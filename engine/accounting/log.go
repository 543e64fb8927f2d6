package accounting

import (
	"encoding/json"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/store"
)

// Log keeps forward's records in a ledger.
type Log struct{ Ledger store.Ledger }

var _ forward.Log = Log{}

// Append implements forward.Log.
func (l Log) Append(r forward.Record) { l.Ledger.Append(Stored(r)) }

// Stored is a record as a store keeps it.
func Stored(r forward.Record) store.Record {
	out := store.Record{
		Time: r.Time, Decision: r.Decision.ID, Route: r.Decision.Route, Model: r.Model, User: r.User,
		Reason: reason(&r.Decision), Latency: r.Latency,
		Forwarded: r.Forwarded, Failed: r.Error != "",
		Estimated: r.Costs.Estimated, Unpriced: r.Costs.Unpriced, Implausible: r.Usage.Implausible,
		InputTokens: r.Usage.InputTokens, OutputTokens: r.Usage.OutputTokens,
		Answer: r.Costs.Answer, Wasted: r.Costs.Failed, Routing: r.Costs.Routing, Dearest: r.Costs.Dearest,
		Prompt: r.Prompt,
	}
	if why := r.Decision.Why; why != nil {
		out.Decided = time.Duration(why.TotalUS) * time.Microsecond
	}
	for _, a := range r.Attempts {
		out.Implausible = out.Implausible || a.Usage.Implausible
		if failed, asked := outcome(a.Status); asked {
			out.Attempts = append(out.Attempts, store.Attempt{Model: a.Model, Failed: failed, Took: a.Latency})
		}
	}
	r.Prompt = ""
	body, err := json.Marshal(r)
	if err != nil { // a number that JSON does not know: the rest of the record is kept
		body, _ = json.Marshal(map[string]string{"error": "the record cannot be written as JSON: " + err.Error()})
	}
	out.Body = body
	return out
}

// reason is why there is no route, "" where there is one.
func reason(d *forward.Decision) string {
	if d.Route != "" {
		return ""
	}
	return d.Reason
}

// outcome says whether a model was asked at all, and whether it failed: callers who
// go away, and answers that came too late or were not good enough, are no failure
// of it.
func outcome(s forward.Status) (failed, asked bool) {
	switch s {
	case forward.Skipped, forward.Unsupported, forward.OverBudget:
		return false, false
	case forward.Done, forward.Rejected, forward.Cancelled, forward.Lost:
		return false, true
	}
	return true, true
}
