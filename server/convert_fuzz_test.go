package server

import (
	"testing"

	"buf.build/go/protovalidate"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"google.golang.org/protobuf/proto"
)

// FuzzPromptFromProto feeds any message that decodes: conversion must not panic,
// and must count every part of one that is let in exactly once.
func FuzzPromptFromProto(f *testing.F) {
	seed := func(p *semroutev1.Prompt) {
		b, err := proto.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	seed(&semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: "hello"}})
	seed(&semroutev1.Prompt{Input: &semroutev1.Prompt_Chat{Chat: &semroutev1.Chat{Messages: []*semroutev1.Message{
		{Role: semroutev1.Message_USER, Parts: []*semroutev1.Part{{Content: &semroutev1.Part_Text{Text: "a"}}, {Content: &semroutev1.Part_Other{Other: "audio"}}}},
	}}}, Metadata: map[string]string{"a": "b"}, User: &semroutev1.User{Id: "u"}})
	validator, err := protovalidate.New()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p semroutev1.Prompt
		if err := proto.Unmarshal(raw, &p); err != nil {
			t.Skip("not a message: the transport refuses it")
		}
		got := promptFromProto(&p)
		if validator.Validate(&p) != nil {
			return // as a part of a kind that this schema does not have
		}
		if len(got.Messages) != len(p.GetChat().GetMessages()) {
			t.Fatalf("%d messages became %d", len(p.GetChat().GetMessages()), len(got.Messages))
		}
		for i, m := range p.GetChat().GetMessages() {
			texts := 0
			for _, part := range m.GetParts() {
				if _, ok := part.GetContent().(*semroutev1.Part_Text); ok {
					texts++
				}
			}
			if got.Messages[i].NonText()+texts != len(m.GetParts()) {
				t.Fatalf("message %d: %d parts, %d text, %d other", i, len(m.GetParts()), texts, got.Messages[i].NonText())
			}
		}
		d := router.Decision{Route: got.Text}
		if DecisionToProto(&d).GetRoute() != got.Text {
			t.Fatal("a decision does not keep its route")
		}
	})
}
