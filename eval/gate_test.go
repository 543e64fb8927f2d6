package eval

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval/evaltest"
)

func gateResult() *Result {
	r := measure(observations(evaltest.Mixed()))
	r.Latency = Latency{P50: 120, P99: 900, N: 10}
	return r
}

func TestParseGate(t *testing.T) {
	got, err := ParseGate([]string{"accuracy=0.95", "coverage >= .5", "per_route.refunds.f1=0.8"}, []string{"ece<=0.02", "latency_us.p99=5e3"})
	if err != nil {
		t.Fatal(err)
	}
	want := Gate{
		{Measure: "accuracy", Bound: .95},
		{Measure: "coverage", Bound: .5},
		{Measure: "per_route.refunds.f1", Bound: .8},
		{Measure: "ece", Bound: .02, Max: true},
		{Measure: "latency_us.p99", Bound: 5000, Max: true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseGateRefuses(t *testing.T) {
	for _, c := range []struct{ minimum, maximum, want string }{
		{"accuracy", "", `bad condition "accuracy": write it like accuracy=0.95`},
		{"=0.9", "", `bad condition "=0.9": write it like accuracy=0.95`},
		{"", "ece", `bad condition "ece": write it like ece=0.02`},
		{"accuracy<=0.9", "", `bad condition "accuracy<=0.9": the sign points the wrong way for this kind of bound, write it like accuracy=0.95`},
		{"accuracy=high", "", `bad condition "accuracy=high": "high" is not a number`},
		{"accuracy=NaN", "", `bad condition "accuracy=NaN": "NaN" is not a number`},
		{"acuracy=0.9", "", `bad condition: there is no measure "acuracy"; did you mean "accuracy"?`},
	} {
		var minimums, maximums []string
		if c.minimum != "" {
			minimums = []string{c.minimum}
		} else {
			maximums = []string{c.maximum}
		}
		_, err := ParseGate(minimums, maximums)
		if !errors.Is(err, ErrCondition) || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	if _, err := ParseGate([]string{"zzzzzz=1"}, nil); err == nil || !strings.Contains(err.Error(), "there are n, n_in_scope, ") {
		t.Errorf("got %v", err)
	}
}

func TestGateCheck(t *testing.T) {
	gate, err := ParseGate(
		[]string{"coverage=0.5", "precision=0.7", "robustness.typo_flips=0.1", "per_route.a.support=4"},
		[]string{"oos_recall=0.9", "latency_us.p50=100"})
	if err != nil {
		t.Fatal(err)
	}
	checks, err := gate.Check(gateResult())
	if err != nil {
		t.Fatal(err)
	}
	var failing []string
	for _, c := range Failing(checks) {
		failing = append(failing, c.String())
	}
	want := []string{
		"precision is 0.6, at least 0.7 was asked",
		"robustness.typo_flips is not defined for this data, at least 0.1 was asked",
		"latency_us.p50 is 120, at most 100 was asked",
	}
	if diff := cmp.Diff(want, failing); diff != "" {
		t.Error(diff)
	}
	if len(checks) != 6 {
		t.Errorf("%d checks", len(checks))
	}
}

func TestGateNamesTheNearestRoute(t *testing.T) {
	_, err := Gate{{Measure: "per_route.a.f2", Bound: 1}}.Check(gateResult())
	if !errors.Is(err, ErrCondition) || !strings.Contains(err.Error(), `did you mean "per_route.a.f1"?`) {
		t.Errorf("got %v", err)
	}
}

func FuzzParseGate(f *testing.F) {
	for _, s := range []string{"accuracy=0.95", "ece<=0.02", "a>=b=c", "per_route..f1=1", "n=-0"} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, isMax bool) {
		c, err := parseCondition(s, isMax)
		if err != nil {
			return
		}
		again, err := parseCondition(c.String(), isMax)
		if err != nil || again != c {
			t.Fatalf("%q reads as %v, which reads as %v, %v", s, c, again, err)
		}
	})
}
