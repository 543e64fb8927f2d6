package qdrant

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	pb "github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/proto"

	"github.com/semroute/semroute/index"
)

// byMessages reads an answer by the generated messages.
func byMessages(t *testing.T, raw []byte) (matches []index.Match, foreign bool, ok bool) {
	t.Helper()
	var response pb.QueryResponse
	if proto.Unmarshal(raw, &response) != nil {
		return nil, false, false
	}
	x := &Index{}
	for _, p := range response.GetResult() {
		k, err := x.key(p.GetId(), p.GetPayload())
		if err != nil {
			foreign = true
			continue
		}
		matches = append(matches, index.Match{Route: k.Route, Utterance: k.Utterance, Similarity: max(-1, min(1, p.GetScore()))})
	}
	return matches, foreign, true
}

// response is an answer with n points and all that Qdrant sends beside them.
func response(n int) *pb.QueryResponse {
	r := &pb.QueryResponse{Time: 0.002, Usage: &pb.Usage{Hardware: &pb.HardwareUsage{Cpu: 3}}}
	for i := range n {
		key := index.Key{Route: fmt.Sprintf("route-%d", i%8), Utterance: fmt.Sprintf("where is parcel number %d of mine, ünder way?", i)}
		r.Result = append(r.Result, &pb.ScoredPoint{
			Id: pb.NewIDUUID(pointID(key)), Score: 1.0001 - float32(i)/50, Version: uint64(i), Payload: point(index.Entry{Key: key}).GetPayload(),
			Vectors: &pb.VectorsOutput{}, OrderValue: &pb.OrderValue{}, ShardKey: pb.NewShardKey("a"),
		})
	}
	return r
}

func marshal(tb testing.TB, r *pb.QueryResponse) []byte {
	tb.Helper()
	raw, err := proto.Marshal(r)
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

// odd are answers that Qdrant does not send for points of ours.
func odd() map[string]*pb.QueryResponse {
	with := func(payload map[string]*pb.Value) *pb.QueryResponse {
		r := response(2)
		r.Result[1].Payload = payload
		return r
	}
	return map[string]*pb.QueryResponse{
		"no payload":          with(nil),
		"no utterance":        with(map[string]*pb.Value{"route": pb.NewValueString("r")}),
		"a number for a text": with(map[string]*pb.Value{"route": pb.NewValueString("r"), "utterance": pb.NewValueInt(3)}),
		"a list for a text":   with(map[string]*pb.Value{"route": pb.NewValueString("r"), "utterance": pb.NewValueFromList(pb.NewValueString("u"))}),
		"an empty value":      with(map[string]*pb.Value{"route": {}, "utterance": pb.NewValueString("u")}),
		"a field more":        with(map[string]*pb.Value{"route": pb.NewValueString("r"), "utterance": pb.NewValueString("u"), "team": pb.NewValueBool(true)}),
		"no id":               {Result: []*pb.ScoredPoint{{}}},
		"a number as id":      {Result: []*pb.ScoredPoint{{Id: pb.NewIDNum(7)}}},
	}
}

func TestAnswersAreReadAsTheMessagesReadThem(t *testing.T) {
	cases := odd()
	for _, n := range []int{0, 1, 65} {
		cases[fmt.Sprint(n, " points")] = response(n)
	}
	for name, r := range cases {
		t.Run(name, func(t *testing.T) { checkAnswer(t, marshal(t, r)) })
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(marshal(f, response(2)))
	for _, r := range odd() {
		f.Add(marshal(f, r))
	}
	f.Fuzz(checkAnswer)
}

// checkAnswer requires that what protobuf reads is read alike.
func checkAnswer(t *testing.T, raw []byte) {
	var got answer
	err := got.read(raw)
	want, foreign, ok := byMessages(t, raw)
	if !ok {
		return
	}
	if err != nil || (got.foreign != nil) != foreign {
		t.Fatalf("error %v, foreign point %v; protobuf reads it, foreign point %v", err, got.foreign, foreign)
	}
	equal := cmp.Comparer(func(a, b float32) bool { return a == b || a != a && b != b })
	if diff := cmp.Diff(want, got.matches, equal); diff != "" {
		t.Errorf("matches (-protobuf +here):\n%s", diff)
	}
}

func BenchmarkAnswer(b *testing.B) {
	raw := marshal(b, response(65))
	b.Run("here", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := (&answer{matches: make([]index.Match, 0, 65)}).read(raw); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("messages", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := proto.Unmarshal(raw, &pb.QueryResponse{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
