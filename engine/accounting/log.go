package accounting

import (
	"encoding/json"

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
		Forwarded: r.Forwarded, Failed: r.Error != "",
		Estimated: r.Costs.Estimated, Unpriced: r.Costs.Unpriced, Implausible: r.Usage.Implausible,
		InputTokens: r.Usage.InputTokens, OutputTokens: r.Usage.OutputTokens,
		Answer: r.Costs.Answer, Wasted: r.Costs.Failed, Routing: r.Costs.Routing, Dearest: r.Costs.Dearest,
		Prompt: r.Prompt,
	}
	for _, a := range r.Attempts {
		out.Implausible = out.Implausible || a.Usage.Implausible
	}
	r.Prompt = ""
	body, err := json.Marshal(r)
	if err != nil { // a number that JSON does not know: the rest of the record is kept
		body, _ = json.Marshal(map[string]string{"error": "the record cannot be written as JSON: " + err.Error()})
	}
	out.Body = body
	return out
}
