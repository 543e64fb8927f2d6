package qualityapi

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/live"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

type fake struct {
	measured live.Measured
	err      error
}

func (f fake) Measure(context.Context) (live.Measured, error) { return f.measured, f.err }

func TestEveryMeasureReachesTheCaller(t *testing.T) {
	at := time.Unix(100, 0)
	long := strings.Repeat("é", 400)
	got, err := (&service{evaluation: fake{measured: live.Measured{Time: at, Result: &eval.Result{
		N: 10, NInScope: 8, NOutOfScope: 2, Accuracy: new(.1), InScopeAccuracy: new(.2), OOSRecall: new(.3), OOSAUROC: new(.4),
		Coverage: new(.5), Precision: new(.6), MacroF1: new(.7), ECE: new(.8), AURC: new(.9), Latency: eval.Latency{P50: 1, P99: 2}, Fingerprint: "f",
		Degraded: new(.11), Truncated: new(.12), UnknownLabels: &eval.Unknown{Treated: eval.UnknownSkipped, Prompts: 3, Labels: map[string]int{"gone": 3}},
		RiskCoverage: []eval.RiskPoint{{Coverage: .1, Risk: .2, Threshold: .3}},
		Reliability:  []eval.ReliabilityBin{{From: 0, To: .5, N: 3, Confidence: new(.4), Accuracy: new(.5)}, {From: .5, To: 1}},
		PerRoute:     []eval.RouteMeasures{{Route: "a", Precision: new(.5), F1: .25, Support: 4, Abstained: 1}},
		Confusions:   []eval.Confusion{{Truth: "a", Predicted: "b", Count: 3, Accepted: 2, Examples: []string{"x"}}},
		Errors:       []eval.Wrong{{Text: long, Truth: "a", Predicted: "b", Leading: "b", Confidence: .9}, {Text: "two"}},
	}}}}).GetEvaluation(t.Context(), &semroutev1.GetEvaluationRequest{Wrong: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := &semroutev1.GetEvaluationResponse{
		Fingerprint: "f", Time: timestamppb.New(at), Prompts: 10, InScope: 8, OutOfScope: 2,
		Accuracy: new(.1), InScopeAccuracy: new(.2), OosRecall: new(.3), OosAuroc: new(.4), Coverage: new(.5), Precision: new(.6), MacroF1: new(.7), Ece: new(.8), Aurc: new(.9),
		LatencyP50Us: 1, LatencyP99Us: 2, WrongCount: 2, Degraded: new(.11), Truncated: new(.12), LeftOut: map[string]uint32{"gone": 3},
		RiskCoverage: []*semroutev1.RiskPoint{{Coverage: .1, Risk: .2, Threshold: .3}},
		Reliability:  []*semroutev1.ReliabilityBin{{From: 0, To: .5, Count: 3, Confidence: new(.4), Accuracy: new(.5)}, {From: .5, To: 1}},
		PerRoute:     []*semroutev1.RouteQuality{{Route: "a", Precision: new(.5), F1: .25, Support: 4, Abstained: 1}},
		Confusions:   []*semroutev1.Confusion{{Truth: "a", Predicted: "b", Count: 3, Accepted: 2, Examples: []string{"x"}}},
		Wrong:        []*semroutev1.WrongDecision{{Text: strings.Repeat("é", 250) + "…", Truth: "a", Predicted: "b", Leading: "b", Confidence: .9}},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := proto.Marshal(got); err != nil {
		t.Error(err)
	}
}

func TestWhyThereAreNoMeasures(t *testing.T) {
	other := errors.New("another")
	for _, c := range []struct {
		err  error
		want codes.Code
		says string
	}{
		{live.ErrNoPrompts, codes.FailedPrecondition, "--gate-data"},
		{eval.ErrNoPrompts, codes.FailedPrecondition, "--gate-data"},
		{live.ErrChanging, codes.Unavailable, "try again"},
		{other, codes.Unknown, "another"}, // told by the server's table of errors
	} {
		_, err := (&service{evaluation: fake{err: c.err}}).GetEvaluation(t.Context(), &semroutev1.GetEvaluationRequest{})
		if status.Code(err) != c.want || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v is told as %v", c.err, err)
		}
	}
}
