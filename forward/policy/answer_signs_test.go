package policy_test

import (
	"testing"

	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

// TestARecordSaysHowTheModelsAnswered is what a change of a model shows itself in.
func TestARecordSaysHowTheModelsAnswered(t *testing.T) {
	d := cascading(forwardtest.Says("I ", "cannot ", "help."), routes.Check{Kind: routes.JudgedBy, Judge: &routes.Judge{Model: "judge", MinScore: 0.5}}).
		with("judge", 1, forwardtest.Says("0.25"))
	call := ask("hi")
	call.Models = []string{"dear", "cheap"}
	record, err := d.forwarder(t).Forward(t.Context(), call, discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range record.Attempts {
		switch {
		case a.Judge:
			if a.Refused || a.Score != nil {
				t.Errorf("the judge's own attempt: refused %v, score %v", a.Refused, a.Score)
			}
		case a.Model == "cheap":
			if !a.Refused || a.Score == nil || *a.Score != 0.25 {
				t.Errorf("the judged answer: refused %v, score %v; want a refusal with 0.25", a.Refused, a.Score)
			}
		default:
			if a.Refused || a.Score != nil {
				t.Errorf("%s: refused %v, score %v", a.Model, a.Refused, a.Score)
			}
		}
	}
	record, err = deploy().with("m", 1, as("m-2026-01-02")).forwarder(t).Forward(t.Context(), ask("hi"), discard)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "the name in the answer", "m-2026-01-02", record.Attempts[0].Answered)
}
