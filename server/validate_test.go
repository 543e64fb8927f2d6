package server

import (
	"strings"
	"testing"

	"buf.build/go/protovalidate"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/protobuf/proto"
)

func textRequest(text string) *semroutev1.RouteRequest {
	return &semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}}}
}

func streamRequest(text string) *semroutev1.StreamRouteRequest {
	return &semroutev1.StreamRouteRequest{Prompt: textRequest(text).GetPrompt()}
}

// TestBareRequestsAreValid holds that nothing is let through that the schema
// refuses, and that its bound of a text is the one looked at.
func TestBareRequestsAreValid(t *testing.T) {
	schema, err := protovalidate.New()
	if err != nil {
		t.Fatal(err)
	}
	with := func(change func(*semroutev1.RouteRequest)) *semroutev1.RouteRequest {
		r := textRequest("hello")
		change(r)
		return r
	}
	long := strings.Repeat("x", maxTextBytes)
	for name, c := range map[string]struct {
		req         proto.Message
		bare, valid bool
	}{
		"a text":           {textRequest("hello"), true, true},
		"an empty text":    {textRequest(""), true, true},
		"forwarded":        {with(func(r *semroutev1.RouteRequest) { r.Forward = true }), true, true},
		"the longest text": {textRequest(long), true, true},
		"a byte more":      {textRequest(long + "x"), false, false},
		"no prompt":        {&semroutev1.RouteRequest{}, false, false},
		"no input":         {&semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{}}, false, false},
		"nil":              {(*semroutev1.RouteRequest)(nil), false, false},
		"with options": {with(func(r *semroutev1.RouteRequest) {
			r.Options = &semroutev1.DecisionOptions{MaxMatches: proto.Uint32(101)}
		}), false, false},
		"with a user":             {with(func(r *semroutev1.RouteRequest) { r.Prompt.User = &semroutev1.User{Id: strings.Repeat("x", 257)} }), false, false},
		"with metadata":           {with(func(r *semroutev1.RouteRequest) { r.Prompt.Metadata = map[string]string{"": ""} }), false, false},
		"with call options":       {with(func(r *semroutev1.RouteRequest) { r.Call = &semroutev1.CallOptions{} }), false, true},
		"a stream":                {streamRequest("hello"), true, true},
		"a stream of a byte more": {streamRequest(long + "x"), false, false},
		"a stream without prompt": {&semroutev1.StreamRouteRequest{}, false, false},
		"a batch":                 {&semroutev1.RouteBatchRequest{}, false, false},
		"a chat, even empty":      {&semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Chat{Chat: &semroutev1.Chat{}}}}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := bare(c.req); got != c.bare {
				t.Errorf("bare: %v, want %v", got, c.bare)
			}
			if err := schema.Validate(c.req); (err == nil) != c.valid {
				t.Errorf("the schema says %v, want valid %v", err, c.valid)
			}
		})
	}
}
