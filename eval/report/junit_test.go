package report

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/evaltest"
)

var _ = flag.Bool("update", false, "write the golden files anew")

// shopResult is a small result with latencies.
func shopResult() *eval.Result {
	r := eval.Measured(evaltest.Answered(evaltest.Mixed()))
	r.Latency = eval.Latency{P50: 120, P99: 900, N: 10}
	return r
}

func TestJUnit(t *testing.T) {
	r := shopResult()
	r.Errors[0].Text = "a <b> & \x00 \"c\""
	gate := eval.Gate{{Measure: "accuracy", Bound: .5}, {Measure: "ece", Bound: .02, Max: true}}
	checks, err := gate.Check(r)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := JUnit(&b, []Suite{{Name: "shop & co.jsonl", Checks: checks, Result: r}, {Name: "plain", Result: r}}); err != nil {
		t.Fatal(err)
	}
	evaltest.Golden(t, "junit.golden", b.String())
	d := xml.NewDecoder(strings.NewReader(b.String()))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
