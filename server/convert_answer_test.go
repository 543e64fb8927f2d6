package server

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

func TestEverythingOfAnAnswerReachesTheCaller(t *testing.T) {
	answer := forward.Answer{
		Text: "yes", Reasoning: "hm", Refusal: "no",
		ToolCalls: []chat.ToolCall{{ID: "1", Name: "look", Arguments: "{}"}},
	}
	want := &semroutev1.Answer{
		Text: "yes", Reasoning: "hm", Refusal: "no",
		ToolCalls: []*semroutev1.ToolCall{{Id: "1", Name: "look", ArgumentsJson: "{}"}},
	}
	if diff := cmp.Diff(want, answerToProto(answer), protocmp.Transform()); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	piece := forward.Piece{Text: "yes", Reasoning: "hm", Refusal: "no", Tool: &forward.ToolPiece{Index: 2, ID: "1", Name: "look", Arguments: "{"}}
	wantPiece := &semroutev1.Piece{
		Text: "yes", Reasoning: "hm", Refusal: "no",
		ToolCall: &semroutev1.ToolCallPiece{Index: 2, Id: "1", Name: "look", ArgumentsJson: "{"},
	}
	if diff := cmp.Diff(wantPiece, pieceEvent(piece).GetPiece(), protocmp.Transform()); diff != "" {
		t.Errorf("piece (-want +got):\n%s", diff)
	}
	usage := forward.Usage{InputTokens: 9, CachedInputTokens: 2, CacheWriteTokens: 3, OutputTokens: 4, Estimated: true, Implausible: true}
	wantUsage := &semroutev1.Usage{InputTokens: 9, CachedInputTokens: 2, CacheWriteTokens: 3, OutputTokens: 4, Estimated: true, Implausible: true}
	if diff := cmp.Diff(wantUsage, usageToProto(usage), protocmp.Transform()); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
}

// TestTextThatIsNotUTF8StillArrives: a marshalled message refuses it, and the
// call that was made and paid for would end as an internal error.
func TestTextThatIsNotUTF8StillArrives(t *testing.T) {
	const bad = "a\xffb"
	record := forward.Record{Error: bad, Attempts: []forward.Attempt{{Error: bad}}}
	for name, m := range map[string]proto.Message{
		"answer": answerToProto(forward.Answer{
			Text: bad, Reasoning: bad, Refusal: bad, ToolCalls: []chat.ToolCall{{ID: bad, Name: bad, Arguments: bad}},
		}),
		"piece": pieceEvent(forward.Piece{
			Text: bad, Reasoning: bad, Refusal: bad, Tool: &forward.ToolPiece{ID: bad, Name: bad, Arguments: bad},
		}),
		"record":   RecordToProto(&record),
		"decision": DecisionToProto(&router.Decision{Degraded: []router.Degradation{{Cause: router.CauseRule, Text: bad}}}),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := proto.Marshal(m); err != nil {
				t.Error(err)
			}
		})
	}
}
