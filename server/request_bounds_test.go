package server

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/auth/limits"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
)

// FuzzRequestCodec feeds it any bytes: what is a message is read as the stock
// codec reads it, everything else is marked, and nothing is an error, which
// gRPC would answer with INTERNAL.
func FuzzRequestCodec(f *testing.F) {
	whole, err := proto.Marshal(&semroutev1.RouteRequest{
		Prompt: &semroutev1.Prompt{
			Input: &semroutev1.Prompt_Chat{Chat: &semroutev1.Chat{Messages: []*semroutev1.Message{{
				Role: semroutev1.Message_USER, Parts: []*semroutev1.Part{{Content: &semroutev1.Part_Text{Text: "hi"}}},
			}}}},
			Metadata: map[string]string{"a": "b"},
		},
		Call: &semroutev1.CallOptions{Stop: []string{"x"}, Tools: []*semroutev1.Tool{{Name: "look"}}},
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add([]byte("\x0a\x03\x0a\x01\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var got, want semroutev1.RouteRequest
		if err := newRequestCodec().Unmarshal(mem.BufferSlice{mem.SliceBuffer(raw)}, &got); err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(raw, &want); err != nil {
			if !errors.Is(unreadable(&got), errUnreadable) {
				t.Fatalf("%v is not told", err)
			}
			return
		}
		if diff := cmp.Diff(&want, &got, protocmp.Transform()); diff != "" {
			t.Fatalf("(-stock +read):\n%s", diff)
		}
		fields := fieldsIn(raw, &want)
		if left := countFields(raw, want.ProtoReflect().Descriptor(), fields); left != 0 {
			t.Fatalf("%d fields left of %d", left, fields)
		}
		if fields > 0 && countFields(raw, want.ProtoReflect().Descriptor(), fields-1) >= 0 {
			t.Fatalf("%d fields pass where one less is allowed", fields)
		}
	})
}

// fieldsIn counts with all the room there is.
func fieldsIn(raw []byte, m proto.Message) int {
	const room = 1 << 30
	return room - countFields(raw, m.ProtoReflect().Descriptor(), room)
}

func TestFieldsOfAllMessagesAreCounted(t *testing.T) {
	part := &semroutev1.Part{Content: &semroutev1.Part_Text{Text: "hi"}}
	turn := &semroutev1.Message{Role: semroutev1.Message_USER, Parts: []*semroutev1.Part{part, part}} // role, and two parts with a text each
	m := &semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{
		Input:    &semroutev1.Prompt_Chat{Chat: &semroutev1.Chat{Messages: []*semroutev1.Message{turn, turn}}},
		Metadata: map[string]string{"a": "b"}, // an entry of key and value
	}}
	raw, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fieldsIn(raw, m), 1+1+2*(1+1+2*2)+3; got != want {
		t.Errorf("%d fields, want %d", got, want)
	}
}

// TestNobodyDecidesForACallerThatIsGone: reading and validating may have taken
// what time there was.
func TestNobodyDecidesForACallerThatIsGone(t *testing.T) {
	rules, err := NewValidator()
	if err != nil {
		t.Fatal(err)
	}
	c := &calls{log: zerolog.Nop(), timeout: defaultRequestTimeout, validator: rules, access: &access{limits: limits.New(nil)}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req := &semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: "hi"}}}
	_, err = c.unary(ctx, req, &grpc.UnaryServerInfo{}, func(context.Context, any) (any, error) {
		t.Error("the handler ran")
		return nil, nil
	})
	if status.Code(err) != codes.Canceled {
		t.Errorf("got %v", err)
	}
}
