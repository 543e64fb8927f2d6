package trafficapi

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/learn/edetect"
	"github.com/semroute/semroute/learn/models"
	"github.com/semroute/semroute/learn/monitor"
	"github.com/semroute/semroute/learn/shadow"
	"github.com/semroute/semroute/learn/trial"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

func TestEverythingOfAReportReachesTheCaller(t *testing.T) {
	got := driftToProto(monitor.Report{
		Fingerprint: "f", Reference: &routes.Reference{From: routes.FromUtterances, Prompts: 7}, Learning: 1, Prompts: 2, LeftOut: 3, Dropped: 4, RunLength: 5,
		Numbers: []drift.Number{{Kind: drift.Share, Route: "a", Reference: 0.1, Band: edetect.Band{Low: 0.05, High: 0.2}, Window: 0.3, Evidence: 0.5, Alarming: true}},
		Models: []models.Report{{Model: "m", Calls: 9, Learning: true, Names: []string{"m\xff"}, Numbers: []models.Number{
			{Kind: models.Latency, Reference: 1, Now: 2, Evidence: 0.25, Alarming: true},
		}}},
	})
	want := &semroutev1.GetDriftResponse{
		Fingerprint: "f", Reference: &semroutev1.DriftReference{Source: semroutev1.DriftReference_UTTERANCES, Prompts: 7}, Learning: 1,
		Prompts: 2, LeftOut: 3, Dropped: 4, RunLength: 5,
		Numbers: []*semroutev1.DriftNumber{{Kind: semroutev1.DriftNumber_SHARE, Route: "a", Reference: 0.1, Low: 0.05, High: 0.2, Window: 0.3, Evidence: 0.5, Alarming: true}},
		Models: []*semroutev1.ModelReport{{Model: "m", Calls: 9, Learning: true, Names: []string{"m\ufffd"}, Numbers: []*semroutev1.ModelNumber{
			{Kind: semroutev1.ModelNumber_LATENCY, Reference: 1, Now: 2, Evidence: 0.25, Alarming: true},
		}}},
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := proto.Marshal(got); err != nil {
		t.Error(err)
	}
}

// TestEveryWordHasAValue: what has none would reach callers as unspecified.
func TestEveryWordHasAValue(t *testing.T) {
	for _, tt := range []struct{ got, want int }{
		{len(sources), len(semroutev1.DriftReference_Source_name) - 1}, {len(driftKinds), len(semroutev1.DriftNumber_Kind_name) - 1},
		{len(modelKinds), len(semroutev1.ModelNumber_Kind_name) - 1}, {len(alarmSources), len(semroutev1.Alarm_Source_name) - 1},
	} {
		if tt.got != tt.want {
			t.Errorf("%d words for %d values", tt.got, tt.want)
		}
	}
}

func TestAlarmsAreListed(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_000)
	book := alarm.NewBook(alarm.Config{Now: func() time.Time { return at }})
	book.Raise(alarm.Alarm{Source: alarm.Drift, What: "abstention", Message: "more get none", Reference: 0.1, Now: 0.3})
	book.Tell(alarm.Alarm{Source: alarm.Name, Subject: "small", What: "other"})
	s := &service{parts: Parts{Book: book}}
	list := func(req *semroutev1.ListAlarmsRequest) []*semroutev1.Alarm {
		resp, err := s.ListAlarms(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		return resp.GetAlarms()
	}
	lasting := &semroutev1.Alarm{Number: 1, Source: semroutev1.Alarm_DRIFT, What: "abstention", Message: "more get none", Reference: 0.1, Now: 0.3, SinceUnixMs: at.UnixMilli()}
	once := &semroutev1.Alarm{Number: 2, Source: semroutev1.Alarm_NAME, Subject: "small", What: "other", SinceUnixMs: at.UnixMilli(), OverUnixMs: at.UnixMilli()}
	for name, tt := range map[string]struct {
		req  *semroutev1.ListAlarmsRequest
		want []*semroutev1.Alarm
	}{
		"all":     {&semroutev1.ListAlarmsRequest{}, []*semroutev1.Alarm{once, lasting}},
		"lasting": {&semroutev1.ListAlarmsRequest{Lasting: true}, []*semroutev1.Alarm{lasting}},
		"newest":  {&semroutev1.ListAlarmsRequest{Limit: 1}, []*semroutev1.Alarm{once}},
	} {
		if diff := cmp.Diff(tt.want, list(tt.req), protocmp.Transform()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// beside is a candidate.
type beside struct{ promoted error }

func (beside) Name() string { return "catalog new" }
func (beside) Report() shadow.Report {
	return shadow.Report{Compared: 2, Routes: 1, Moves: []shadow.Move{{From: "a", To: "b", Count: 1}}}
}
func (beside) Ready() error                                              { return errors.New("still being built") }
func (b beside) Promote(context.Context, string, string) (string, error) { return "f", b.promoted }

func TestTheCandidateIsShownAndPromoted(t *testing.T) {
	s := &service{parts: Parts{Candidate: beside{}}}
	shown, err := s.GetShadow(t.Context(), &semroutev1.GetShadowRequest{})
	if err != nil {
		t.Fatal(err)
	}
	want := &semroutev1.GetShadowResponse{
		Candidate: "catalog new", Error: "still being built", Compared: 2, RoutesChanged: 1, Moves: []*semroutev1.ShadowMove{{From: "a", To: "b", Count: 1}},
	}
	if diff := cmp.Diff(want, shown, protocmp.Transform()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if resp, err := s.PromoteShadow(t.Context(), &semroutev1.PromoteShadowRequest{}); err != nil || resp.GetFingerprint() != "f" {
		t.Errorf("promoted: %v, %v", resp, err)
	}
	s.parts.Candidate = beside{promoted: errors.New("the gate refuses it")}
	if _, err := s.PromoteShadow(t.Context(), &semroutev1.PromoteShadowRequest{}); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("refused: %v", err)
	}
}

func TestWhatTheServerDoesWithout(t *testing.T) {
	s := &service{parts: Parts{Book: alarm.NewBook(alarm.Config{})}}
	for name, call := range map[string]func() error{
		"drift":   func() error { _, err := s.GetDrift(t.Context(), nil); return err },
		"accept":  func() error { _, err := s.AcceptDrift(t.Context(), nil); return err },
		"shadow":  func() error { _, err := s.GetShadow(t.Context(), nil); return err },
		"trials":  func() error { _, err := s.GetTrials(t.Context(), nil); return err },
		"promote": func() error { _, err := s.PromoteShadow(t.Context(), nil); return err },
	} {
		if err := call(); status.Code(err) != codes.Unimplemented {
			t.Errorf("%s: %v, want UNIMPLEMENTED", name, err)
		}
	}
	s.parts.Monitor = monitor.New(monitor.Config{Book: s.parts.Book})
	if _, err := s.AcceptDrift(t.Context(), nil); status.Code(err) != codes.FailedPrecondition {
		t.Errorf("accepting nothing: %v", err)
	}
}

// said keeps feedback of one decision.
type said struct{ trial.Store }

func (said) Feedback(context.Context, store.FeedbackFilter) ([]store.Feedback, error) {
	return []store.Feedback{{Seq: 1, Decision: "d", Body: []byte(`{"thumbs":"up","decision":{"route":"r","model":"small"}}`)}}, nil
}

func (said) Record(context.Context, string) (store.Record, error) {
	return store.Record{}, store.ErrNotFound
}

func TestTrialsAreCompared(t *testing.T) {
	catalog := &routes.Catalog{Routes: []routes.Route{{Name: "r", Forwarding: routes.Forwarding{Strategy: routes.Weighted, Weights: map[string]int{"small": 2, "large": 1}}}}}
	s := &service{parts: Parts{Outcomes: said{}, Catalog: func() *routes.Catalog { return catalog }}}
	got, err := s.GetTrials(t.Context(), &semroutev1.GetTrialsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	want := &semroutev1.GetTrialsResponse{Trials: []*semroutev1.Trial{{
		Route: "r", Arms: []*semroutev1.TrialArm{{Model: "large", Weight: 1, High: 1}, {Model: "small", Weight: 2, Outcomes: 1, Successes: 1, High: 1}},
		Pairs: []*semroutev1.TrialPair{{Better: "small", Worse: "large", EValue: 1}},
	}}}
	if diff := cmp.Diff(want, got, protocmp.Transform(), protocmp.IgnoreFields(&semroutev1.TrialArm{}, "low")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := s.GetTrials(t.Context(), &semroutev1.GetTrialsRequest{Route: "x"}); status.Code(err) != codes.NotFound {
		t.Errorf("a route that shares nothing out: %v", err)
	}
}
