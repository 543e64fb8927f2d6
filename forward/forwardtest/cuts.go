package forwardtest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward"
)

// HoldCuts fails unless a provider reads the body alike in one piece and cut at
// two places, taken from a and b. It gives the answer and the class of its
// failure, "" when there was none. over is the provider over a transport.
func HoldCuts(t *testing.T, over func(*Canned) forward.Provider, body string, a, b uint) (whole forward.Answer, class string) {
	t.Helper()
	read := func(cuts ...int) (forward.Answer, string) {
		got, _, err := Whole(over(&Canned{Body: body, Cuts: cuts}), forward.Ask("hi"))
		var upstream *forward.UpstreamError
		if err != nil && !errors.As(err, &upstream) || err == nil && got.Finish == "" {
			t.Errorf("error is %v, finish %q", err, got.Finish)
		}
		if upstream != nil {
			return got, string(upstream.Class)
		}
		return got, ""
	}
	n := uint(len(body)) + 1
	whole, class = read()
	cut, sameClass := read(int(min(a%n, b%n)), int(max(a%n, b%n)))
	if diff := cmp.Diff(whole, cut); diff != "" || class != sameClass {
		t.Errorf("%s, cut %s (-whole +cut):\n%s", class, sameClass, diff)
	}
	return whole, class
}
