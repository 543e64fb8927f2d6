package policy_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
)

// counting answers "one two three" and says that it took so many tokens.
func counting(u forward.Usage, failure error) *forwardtest.Provider {
	return &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		if err := emit(forward.Piece{Text: "one two "}); err != nil {
			return forward.End{}, err
		}
		return forward.End{Finish: forward.FinishStop, Usage: u}, errors.Join(emit(forward.Piece{Text: "three"}), failure)
	}}
}

// TestCountsAreNotTakenAtTheirWord: the double's tokens are words, the prompt
// has two of them and a message costs four more.
func TestCountsAreNotTakenAtTheirWord(t *testing.T) {
	const most = math.MaxInt64
	estimate := forward.Usage{InputTokens: 6, OutputTokens: 3, Estimated: true}
	doubted := estimate
	doubted.Implausible = true
	broken := &forward.UpstreamError{Class: forward.Reset}
	cases := map[string]struct {
		sent    forward.Usage
		failure error
		window  int
		want    forward.Usage
	}{
		"none":                     {want: estimate},
		"usual":                    {sent: forward.Usage{InputTokens: 9, OutputTokens: 4}, want: forward.Usage{InputTokens: 9, OutputTokens: 4}},
		"caches":                   {sent: forward.Usage{InputTokens: 9, CachedInputTokens: 5, CacheWriteTokens: 4, OutputTokens: 4}, want: forward.Usage{InputTokens: 9, CachedInputTokens: 5, CacheWriteTokens: 4, OutputTokens: 4}},
		"largest":                  {sent: forward.Usage{InputTokens: most, CachedInputTokens: most, CacheWriteTokens: most, OutputTokens: most}, want: doubted},
		"negative":                 {sent: forward.Usage{InputTokens: -9, OutputTokens: -1}, want: doubted},
		"unreadable":               {sent: forward.Usage{Implausible: true}, want: doubted},
		"a prompt of a million":    {sent: forward.Usage{InputTokens: 1_000_000, OutputTokens: 4}, want: forward.Usage{InputTokens: 6, OutputTokens: 4, Estimated: true, Implausible: true}},
		"an answer of a million":   {sent: forward.Usage{InputTokens: 9, OutputTokens: 1_000_000}, want: forward.Usage{InputTokens: 9, OutputTokens: 3, Estimated: true, Implausible: true}},
		"hidden thoughts":          {sent: forward.Usage{InputTokens: 9, OutputTokens: 100_000}, want: forward.Usage{InputTokens: 9, OutputTokens: 100_000}},
		"more than the window":     {window: 4096, sent: forward.Usage{InputTokens: 9, OutputTokens: 100_000}, want: forward.Usage{InputTokens: 9, OutputTokens: 3, Estimated: true, Implausible: true}},
		"more cached than there":   {sent: forward.Usage{InputTokens: 9, CachedInputTokens: 10, OutputTokens: 4}, want: forward.Usage{InputTokens: 9, OutputTokens: 4, Implausible: true}},
		"the prompt is left out":   {sent: forward.Usage{OutputTokens: 4}, want: forward.Usage{InputTokens: 6, OutputTokens: 4, Estimated: true}},
		"the answer is left out":   {sent: forward.Usage{InputTokens: 9}, want: forward.Usage{InputTokens: 9, OutputTokens: 3, Estimated: true}},
		"broken off":               {failure: broken, sent: forward.Usage{InputTokens: 9, OutputTokens: 1}, want: forward.Usage{InputTokens: 9, OutputTokens: 3, Estimated: true}},
		"broken off without count": {failure: broken, want: estimate},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			d := deploy().with("m", 1, counting(c.sent, c.failure))
			d.models[0].ContextTokens = c.window
			record, _ := d.forwarder(t).Forward(context.Background(), ask("two words"), discard)
			if diff := cmp.Diff(c.want, record.Usage); diff != "" {
				t.Errorf("usage (-want +got):\n%s", diff)
			}
			if got := record.Costs.Total(); got < 0 || got != forward.Cost(d.models[0].Prices[0], record.Usage) {
				t.Errorf("the cost is %d", got)
			}
		})
	}
}

// TestACountFarBelowTheText is none: some servers send 1 at the start, and never
// again.
func TestACountFarBelowTheText(t *testing.T) {
	says := &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		return forward.End{Finish: forward.FinishStop, Usage: forward.Usage{InputTokens: 9, OutputTokens: 1}}, emit(forward.Piece{Text: strings.Repeat("word ", 200)})
	}}
	record, err := deploy().with("m", 1, says).forwarder(t).Forward(context.Background(), ask("two words"), discard)
	want(t, "usage", forward.Usage{InputTokens: 9, OutputTokens: 200, Estimated: true}, record.Usage)
	if err != nil {
		t.Error(err)
	}
}

// TestSumsDoNotOverflow: what does not fit is the largest number, never a
// negative one.
func TestSumsDoNotOverflow(t *testing.T) {
	for _, a := range []int64{0, 1, math.MaxInt64 - 1, math.MaxInt64, math.MinInt64} {
		for _, b := range []int64{0, 1, math.MaxInt64, -1} {
			sum := forward.Usage{InputTokens: a, CachedInputTokens: a, CacheWriteTokens: a, OutputTokens: a}.Add(
				forward.Usage{InputTokens: b, CachedInputTokens: b, CacheWriteTokens: b, OutputTokens: b})
			for _, n := range []int64{sum.InputTokens, sum.CachedInputTokens, sum.CacheWriteTokens, sum.OutputTokens, sum.Total()} {
				if n < 0 || n < max(a, b, 0) {
					t.Errorf("%d and %d are %d", a, b, n)
				}
			}
			if total := (forward.Costs{Answer: a, Failed: b, Routing: a}).Total(); total < 0 {
				t.Errorf("%d and %d cost %d", a, b, total)
			}
		}
	}
}
