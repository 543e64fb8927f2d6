package openai

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shapes are chunks that servers send, and whether the short way reads them.
var shapes = map[string]bool{
	`{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}`: true,
	`{"choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}`:                     true,
	`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`:                                                                               true,
	` { "choices" : [ { "delta" : { "content" : "a\nb \u00e9 é" } } ] } `:                                                                       true,
	`{"choices":[{"index":1,"delta":{"content":"other"}}],"x":[1.5e+3,-0,{"Deep":[true,false,null,"\/"]}]}`:                                     true,
	`{"choices":[{"delta":{"refusal":"no"}}],"obfuscation":"abc"}`:                                                                              true,
	`{"choices":[],"usage":{"prompt_tokens":7}}`:                                                                                                false,
	`{"choices":[{"delta":{"content":"hi"}}],"usage":{"prompt_tokens":7}}`:                                                                      false,
	`{"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c"}]}}]}`:                                                                             false,
	`{"choices":[{"delta":{"content":"hi"},"logprobs":{"content":[{"logprob":-1}]}}]}`:                                                          false,
	`{"error":{"message":"no"}}`:                                        false,
	`{"Choices":[{"delta":{"content":"hi"}}]}`:                          false,
	`{"choices":[{"index":0.5,"delta":{"content":"hi"}}]}`:              false,
	`{"choices":[{"delta":{"content":"a"},"delta":{"content":"b"}}]}`:   false,
	`{"choices":[{"delta":{"content":"a"}},{"delta":{"content":"b"}}]}`: false,
	`{"choices":[{"delta":{"content":"a"}}]} {}`:                        false,
	`{"choices":[{"delta":{"content":"a",}}]}`:                          false,
	`{"choices":[{"delta":{"content":"a\q"}}]}`:                         false,
	`{"choices":[{"delta":{"content":1}}]}`:                             false,
	`{"choices":[{"delta":null}]}`:                                      false,
	`{`:                                                                 false,
}

func TestPlainChunksAreReadTheShortWay(t *testing.T) {
	for data, want := range shapes {
		_, ok := plainChoice([]byte(data))
		if ok != want {
			t.Errorf("the short way reads %s: %v, want %v", data, ok, want)
		}
		sameAsWhole(t, []byte(data))
	}
}

// FuzzPlainChoice holds that the short way never reads a chunk differently.
func FuzzPlainChoice(f *testing.F) {
	for data := range shapes {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameAsWhole(t, data) })
}

func sameAsWhole(t *testing.T, data []byte) {
	t.Helper()
	got, ok := plainChoice(data)
	if !ok {
		return
	}
	var whole chunk
	if err := json.Unmarshal(data, &whole); err != nil {
		t.Fatalf("%s: the short way reads what is wrong: %v", data, err)
	}
	if whole.Usage != nil || whole.Error != nil {
		t.Fatalf("%s: the short way left something out", data)
	}
	if diff := cmp.Diff([]choice{got}, *whole.Choices); diff != "" {
		t.Errorf("%s (-whole +short):\n%s", data, diff)
	}
}

// TestPlainChoiceAllocatesTheTextOnly: it runs for every piece of every answer.
func TestPlainChoiceAllocatesTheTextOnly(t *testing.T) {
	data := []byte(`{"id":"c","choices":[{"index":0,"delta":{"content":"some words"},"finish_reason":null}]}`)
	if got := testing.AllocsPerRun(100, func() { plainChoice(data) }); got > 1 {
		t.Errorf("%v allocations, want 1", got)
	}
}

func BenchmarkPlainChoice(b *testing.B) {
	data := []byte(`{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"some words"},"finish_reason":null}]}`)
	for name, read := range map[string]func(){
		"short": func() { plainChoice(data) },
		"whole": func() {
			var c chunk
			_ = json.Unmarshal(data, &c)
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read()
			}
		})
	}
}
