package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

func wholeDecision() *semroutev1.Decision {
	return &semroutev1.Decision{
		DecisionId: "7", Route: "refunds", Model: "small", Confidence: 0.75, Margin: 1e-9, MinMargin: 0.125, Stage: semroutev1.Decision_SEMANTIC,
		Reason: semroutev1.Decision_BELOW_CONFIDENCE, Explanation: "\"so\" <so> & so\t\u00e9", Abstained: true,
		Candidates: []*semroutev1.Candidate{{Route: "refunds", Probability: 0.75, Similarity: -0.5, MinConfidence: 0.25}, {}},
		Matches:    []*semroutev1.Match{{Route: "refunds", Utterance: "money back", Similarity: 0.6000000238418579}},
		Degraded:   []string{"rule x failed"}, Fingerprint: "f00d", Truncated: true,
		TimingsUs: &semroutev1.Timings{Total: 15, Rules: 1, Embed: 2, Search: 3, Score: 4}, Rule: "r", FallbackRoute: "general",
		NonTextParts: 2, Cached: true, Models: []string{"small", "large"}, RuleCost: 1 << 60, EmbeddedTurns: 3, OmittedBlocks: 5,
		Degradations: []*semroutev1.Decision_Degradation{{Cause: semroutev1.Decision_RULE_FAILED, Text: "rule x failed"}},
	}
}

func wholeRecord() *semroutev1.CallRecord {
	u := &semroutev1.Usage{InputTokens: 10, CachedInputTokens: 4, OutputTokens: 3, Estimated: true, CacheWriteTokens: 2, Implausible: true, ReasoningTokens: 1}
	return &semroutev1.CallRecord{
		Model: "small", Finish: semroutev1.CallRecord_TOOL_CALLS, Usage: u,
		Costs: &semroutev1.Costs{AnswerNanoUsd: 1, FailedNanoUsd: 2, RoutingNanoUsd: 3, DearestNanoUsd: 4, TotalNanoUsd: 6, Estimated: true, Unpriced: true},
		Attempts: []*semroutev1.Attempt{{
			Model: "small", Status: semroutev1.Attempt_RATE_LIMITED, Error: "slow down", StartUs: 1, LatencyUs: 2, FirstPieceUs: 3,
			Usage: u, CostNanoUsd: 4, Unpriced: true, Hedge: true, Judge: true,
		}, {}},
		Strategy: semroutev1.CallRecord_CHEAPEST, Cascade: true, Downgraded: true, LatencyUs: 1 << 53, FirstPieceUs: 9, Error: "no",
		UpstreamModel: "small-2",
		Session:       &semroutev1.SessionTurn{Id: "0a1b", PreviousModel: "large", Switched: true, Reason: semroutev1.SessionTurn_SURE},
	}
}

func decisionEvent(d *semroutev1.Decision) *semroutev1.StreamRouteResponse {
	return &semroutev1.StreamRouteResponse{Event: &semroutev1.StreamRouteResponse_Decision{Decision: d}}
}

func pieceEvent(p *semroutev1.Piece) *semroutev1.StreamRouteResponse {
	return &semroutev1.StreamRouteResponse{Event: &semroutev1.StreamRouteResponse_Piece{Piece: p}}
}

func recordEvent(r *semroutev1.CallRecord) *semroutev1.StreamRouteResponse {
	return &semroutev1.StreamRouteResponse{Event: &semroutev1.StreamRouteResponse_Record{Record: r}}
}

// TestJSONStaysWhatScriptsRead holds the lines of `route --json` and `chat
// --json` to the byte. The file may gain fields at the end of an object; what
// stands in it does not change.
func TestJSONStaysWhatScriptsRead(t *testing.T) {
	call := &semroutev1.ToolCallPiece{Index: 1, Id: "c", Name: "look", ArgumentsJson: `{"a":1}`}
	var got bytes.Buffer
	for _, line := range []any{
		jsonOfDecision(wholeDecision()), jsonOfEvent(decisionEvent(wholeDecision())),
		jsonOfDecision(&semroutev1.Decision{}), jsonOfEvent(decisionEvent(&semroutev1.Decision{})),
		jsonOfEvent(pieceEvent(&semroutev1.Piece{Text: "hi", ToolCall: call, Reasoning: "hm", Refusal: "no"})),
		jsonOfEvent(pieceEvent(&semroutev1.Piece{})), jsonOfEvent(pieceEvent(&semroutev1.Piece{ToolCall: &semroutev1.ToolCallPiece{}})),
		jsonOfEvent(recordEvent(wholeRecord())), jsonOfEvent(recordEvent(&semroutev1.CallRecord{})),
	} {
		if err := writeLineJSON(&got, line); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/lines.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-testdata/lines.jsonl +printed):\n%s", diff)
	}
}

// TestJSONHasEveryFieldOfTheSchema fails when the schema gains a field that the
// command line does not print.
func TestJSONHasEveryFieldOfTheSchema(t *testing.T) {
	tests := map[string]struct {
		message proto.Message
		printed any
	}{
		"decision": {wholeDecision(), jsonOfDecision(wholeDecision())},
		"piece":    {&semroutev1.Piece{ToolCall: &semroutev1.ToolCallPiece{}}, jsonOfPiece(&semroutev1.Piece{ToolCall: &semroutev1.ToolCallPiece{}})},
		"record":   {wholeRecord(), jsonOfRecord(wholeRecord())},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			raw, err := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}.Marshal(test.message)
			if err != nil {
				t.Fatal(err)
			}
			var line bytes.Buffer
			if err := writeLineJSON(&line, test.printed); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fieldsOf(t, raw), fieldsOf(t, line.Bytes())); diff != "" {
				t.Errorf("fields (-schema +printed):\n%s", diff)
			}
		})
	}
}

// fieldsOf is the shape of a JSON value: its fields, without what they hold.
func fieldsOf(t *testing.T, raw []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return shapeOf(value)
}

func shapeOf(value any) any {
	switch v := value.(type) {
	case map[string]any:
		shape := map[string]any{}
		for name, inner := range v {
			shape[name] = shapeOf(inner)
		}
		return shape
	case []any:
		shape := make([]any, len(v))
		for i, inner := range v {
			shape[i] = shapeOf(inner)
		}
		return shape
	}
	return nil
}

// TestJSONIsTheSameWithAndWithoutAServer but for what is of one call alone.
func TestJSONIsTheSameWithAndWithoutAServer(t *testing.T) {
	d := startDoubles(t, scripts(says("On", " its", " way")), scripts(refuses(404)))
	s := serveInProcess(t, "--catalog", d.catalog, "--embed-cache-bytes", "0") // or the second one is cached
	for _, command := range []string{"route", "chat"} {
		for _, prompt := range []string{"where is my refund", "track my parcel", ""} {
			here := runWith(t, "", command, "--json", "--catalog", d.catalog, prompt)
			there := runWith(t, "", command, "--json", "--server", s.address, prompt)
			if diff := cmp.Diff(withoutTimes(t, here.out), withoutTimes(t, there.out)); diff != "" || here.out == "" {
				t.Errorf("%s %q (-in process +by the server):\n%s", command, prompt, diff)
			}
		}
	}
}

// withoutTimes are lines of JSON without ids and times.
func withoutTimes(t *testing.T, out string) (lines []any) {
	t.Helper()
	var forget func(v any)
	forget = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, own := range []string{"decision_id", "timings_us", "latency_us", "first_piece_us", "start_us"} {
				if _, ok := v[own]; ok {
					v[own] = "some"
				}
			}
			for _, inner := range v {
				forget(inner)
			}
		case []any:
			for _, inner := range v {
				forget(inner)
			}
		}
	}
	for line := range strings.Lines(out) {
		var v any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		forget(v)
		lines = append(lines, v)
	}
	return lines
}
