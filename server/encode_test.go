package server

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/testing/protocmp"
)

// decisions are one with everything set, one with nothing, and many at random.
func decisions() []router.Decision {
	full := router.Decision{
		ID: "id", Route: "refunds", Models: []string{"small", "", "large"}, Confidence: 0.75, Margin: 0.5,
		Stage: router.StageSemantic, Reason: router.ReasonBelowMargin, Bound: 0.25, Abstained: true,
		Candidates: []router.Candidate{{Route: "refunds", Probability: 0.75, Similarity: -0.5}, {}},
		Matches:    []router.Match{{Route: "refunds", Utterance: strings.Repeat("where is my refund ", 20), Similarity: 0.5}, {}},
		Degraded:   []string{"rule x failed", "", "bytes \xff that are no text"}, Fingerprint: "0123456789abcdef", Truncated: true, Cached: true,
		FallbackRoute: "other", Rule: "code", RuleCost: 1 << 40, NonText: 2, Turns: 3,
		Timings: router.Timings{Total: 5, Rules: 1, Embed: 2, Search: 300, Score: 70000},
	}
	all := []router.Decision{full, {}}
	random := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		d := full
		d.Confidence, d.Margin = random.Float64(), float64(random.IntN(2))
		d.Candidates = d.Candidates[:random.IntN(3)]
		d.Matches = d.Matches[:random.IntN(3)]
		d.Models, d.Degraded = d.Models[:random.IntN(4)], d.Degraded[:random.IntN(4)]
		d.Route = strings.Repeat("r", random.IntN(300))
		d.Abstained, d.Cached = random.IntN(2) == 0, random.IntN(2) == 0
		d.Reason = []router.Reason{router.ReasonNone, router.ReasonEmpty, router.ReasonRule}[random.IntN(3)]
		d.Stage, d.Turns = router.Stage(random.IntN(5)), random.IntN(300)
		all = append(all, d)
	}
	return all
}

func TestReplyIsWhatTheMessageWouldBe(t *testing.T) {
	for i, d := range decisions() {
		want, err := proto.MarshalOptions{Deterministic: true}.Marshal(&semroutev1.RouteResponse{Decision: DecisionToProto(&d)})
		if err != nil {
			t.Fatal(err)
		}
		got := appendReply(nil, &d)
		if diff := cmp.Diff(want, got); diff != "" {
			var read semroutev1.RouteResponse
			err := proto.Unmarshal(got, &read)
			t.Fatalf("decision %d (-message +reply), %v:\n%s", i, err, cmp.Diff(DecisionToProto(&d), read.GetDecision(), protocmp.Transform()))
		}
	}
}

// TestReplyKnowsEveryField fails when the schema gains a field that the first
// of decisions() leaves unset: the comparison above would not see it.
func TestReplyKnowsEveryField(t *testing.T) {
	full := decisions()[0]
	var check func(m protoreflect.Message)
	check = func(m protoreflect.Message) {
		fields := m.Descriptor().Fields()
		for i := range fields.Len() {
			f := fields.Get(i)
			if !m.Has(f) {
				t.Errorf("%s is not set; set it here and write it in appendReply", f.FullName())
				continue
			}
			switch {
			case f.IsList() && f.Message() != nil:
				check(m.Get(f).List().Get(0).Message())
			case !f.IsList() && f.Message() != nil:
				check(m.Get(f).Message())
			}
		}
	}
	check(DecisionToProto(&full).ProtoReflect())
}

func TestCodecWritesRepliesAndMessages(t *testing.T) {
	d := decisions()[0]
	c := newCodec(&replies{})
	for name, v := range map[string]any{"reply": &reply{decision: d}, "message": &semroutev1.RouteResponse{Decision: DecisionToProto(&d)}} {
		t.Run(name, func(t *testing.T) {
			data, err := c.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			defer data.Free()
			var got semroutev1.RouteResponse
			if err := c.Unmarshal(data, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(DecisionToProto(&d), got.GetDecision(), protocmp.Transform()); diff != "" {
				t.Errorf("(-sent +read):\n%s", diff)
			}
		})
	}
}

func TestRepliesAreForgottenBeforeTheyAreUsedAgain(t *testing.T) {
	from := &replies{}
	first := from.take()
	first.decision = decisions()[0]
	data, err := newCodec(from).Marshal(first)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Free()
	if diff := cmp.Diff(router.Decision{}, from.take().decision); diff != "" {
		t.Errorf("a reply still holds (-nothing +held):\n%s", diff)
	}
	var read semroutev1.RouteResponse // what was written does not change with the reply
	if err := newCodec(from).Unmarshal(data, &read); err != nil || read.GetDecision().GetRoute() != "refunds" {
		t.Errorf("the bytes say %v, %v", read.GetDecision(), err)
	}
}

func BenchmarkAppendReply(b *testing.B) {
	d := decisions()[0]
	var buffer []byte
	b.ReportAllocs()
	for b.Loop() {
		buffer = appendReply(buffer[:0], &d)
	}
}
