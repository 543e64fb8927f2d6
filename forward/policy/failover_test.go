package policy_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/routes"
)

// TestWhichFailureAsksTheNextModel is the table of docs/forwarding.md: for each
// class of failure before the first piece, whether the model is tried again,
// whether the next one is asked, whether a pause that comes with it is kept, and
// what the call fails with when every model fails so.
func TestWhichFailureAsksTheNextModel(t *testing.T) {
	cases := map[forward.Class]struct {
		again, next, pauses bool
		alone               error
	}{
		forward.RateLimited:      {true, true, true, forward.ErrUnavailable},
		forward.ServerError:      {true, true, true, forward.ErrUnavailable},
		forward.Timeout:          {true, true, true, forward.ErrUnavailable},
		forward.Garbage:          {true, true, false, forward.ErrUnavailable},
		forward.Reset:            {true, true, false, forward.ErrUnavailable},
		forward.Unreachable:      {true, true, false, forward.ErrUnavailable},
		forward.Auth:             {false, true, false, forward.ErrUnavailable},
		forward.NotFound:         {false, true, false, forward.ErrUnavailable},
		forward.OutOfCredit:      {false, true, true, forward.ErrUnavailable},
		forward.TooLarge:         {false, true, false, forward.ErrUnavailable},
		forward.Crashed:          {false, true, false, forward.ErrUnavailable},
		forward.ContextLength:    {false, true, false, forward.ErrTooLong},
		forward.ContentFilter:    {false, true, false, forward.ErrFiltered},
		forward.UnsupportedInput: {false, true, false, forward.ErrUnsupported},
		forward.BadRequest:       {false, false, false, forward.ErrRefused},
	}
	for class, c := range cases {
		t.Run(string(class), func(t *testing.T) {
			docsSay(t, class, c.again, c.next, c.pauses, c.alone)
			synctest.Test(t, func(t *testing.T) {
				d := deploy().with("a", 1, forwardtest.Fails(&forward.UpstreamError{Class: class})).with("b", 1, forwardtest.Says("b"))
				record, err := d.forwarder(t).Forward(t.Context(), ask("hi"), discard)
				failed := "a:" + string(class)
				expected := []string{failed}
				if c.again {
					expected = append(expected, failed)
				}
				if c.next {
					expected = append(expected, "b:done")
				}
				want(t, "path", expected, path(record))
				if (err == nil) != c.next {
					t.Errorf("error is %v", err)
				}

				d = deploy().with("a", 1, forwardtest.Fails(&forward.UpstreamError{Class: class, RetryAfter: time.Minute}))
				f := d.forwarder(t)
				if _, err := f.Forward(t.Context(), ask("hi"), discard); !errors.Is(err, c.alone) {
					t.Errorf("alone it fails with %v, want %v", err, c.alone)
				}
				record, _ = f.Forward(t.Context(), ask("hi"), discard)
				if paused := record.Attempts[0].Status == forward.Skipped; paused != c.pauses {
					t.Errorf("after a Retry-After: %v", path(record))
				}
			})
		})
	}
}

// docsSay holds docs/forwarding.md to the same table.
func docsSay(t *testing.T, class forward.Class, again, next, pauses bool, alone error) {
	t.Helper()
	words := map[bool]string{true: "yes", false: "no"}
	nextWord := words[next]
	if class == forward.ContextLength {
		nextWord = "yes, with a larger window"
	}
	code := "FAILED_PRECONDITION"
	switch {
	case errors.Is(alone, forward.ErrUnavailable):
		code = "UNAVAILABLE"
	case errors.Is(alone, forward.ErrRefused):
		code = "INVALID_ARGUMENT"
	}
	row := fmt.Sprintf("| `%s` | %s | %s | %s | %s |", class, words[again], nextWord, words[pauses], code)
	page, err := os.ReadFile("../../docs/forwarding.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), row) {
		t.Errorf("docs/forwarding.md lacks the row %s", row)
	}
}

// tooLong refuses every prompt and names a window, 0 for none.
func tooLong(window int64) *forwardtest.Provider {
	return forwardtest.Fails(&forward.UpstreamError{Class: forward.ContextLength, ContextLimit: window})
}

func sized(name string, window int) routes.Model {
	return routes.Model{Name: name, Provider: routes.OpenAI, Model: name, ContextTokens: window}
}

func TestAPromptThatIsTooLongGoesToALargerWindow(t *testing.T) {
	for name, c := range map[string]struct {
		window int   // of the first model in the catalog
		named  int64 // in its refusal
		path   []string
	}{
		"nothing is known":       {0, 0, []string{"a:context_length", "b:done"}},
		"the catalog knows":      {8192, 0, []string{"a:context_length", "b:skipped", "c:skipped", "d:done"}},
		"the refusal names it":   {0, 8192, []string{"a:context_length", "b:skipped", "c:skipped", "d:done"}},
		"the refusal is right":   {8192, 6000, []string{"a:context_length", "b:skipped", "c:done"}},
		"an unknown one remains": {100_000, 0, []string{"a:context_length", "b:skipped", "c:skipped", "d:skipped", "e:done"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := deploy().withModel(sized("a", c.window), tooLong(c.named))
			for i, window := range []int{6000, 8192, 32_000, 0} {
				name := fmt.Sprint(string(rune('b' + i)))
				d.withModel(sized(name, window), forwardtest.Says(name))
			}
			record, err := d.forwarder(t).Forward(t.Context(), ask("hi"), discard)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "path", c.path, path(record))
		})
	}
	d := deploy().withModel(sized("a", 8192), tooLong(0)).withModel(sized("b", 8192), forwardtest.Says("b"))
	if _, err := d.forwarder(t).Forward(t.Context(), ask("hi"), discard); !errors.Is(err, forward.ErrTooLong) || errors.Is(err, forward.ErrUnavailable) {
		t.Errorf("no larger window: %v", err)
	}
}

// TestALimitIsRemembered over a change of the catalog, for prompts of that size
// and for an hour, and never so that nobody is left to ask.
func TestALimitIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		small := tooLong(0)
		d := deploy().withModel(sized("small", 0), small).withModel(sized("large", 0), forwardtest.Says("large"))
		d.deps.Health = health.New()
		steps := []struct {
			prompt string
			models []string
			path   []string
		}{
			{"one two three", nil, []string{"small:context_length", "large:done"}},
			{"one two three", nil, []string{"large:done"}},
			{"one two three four", nil, []string{"large:done"}},
			{"one two", nil, []string{"small:context_length", "large:done"}},
			{"one two", nil, []string{"large:done"}},
			{"one two", []string{"small"}, []string{"small:context_length"}},
		}
		for i, s := range steps {
			call := ask(s.prompt)
			call.Models = s.models
			record, _ := d.forwarder(t).Forward(t.Context(), call, discard)
			want(t, fmt.Sprint("step ", i), s.path, path(record))
		}
		time.Sleep(time.Hour + time.Second)
		record, _ := d.forwarder(t).Forward(t.Context(), ask("one two three"), discard)
		want(t, "after an hour", []string{"small:context_length", "large:done"}, path(record))
	})
}

// TestAWindowThatGrewIsNoticed: an answer to a prompt of the refused size says
// that the bound is none.
func TestAWindowThatGrewIsNoticed(t *testing.T) {
	d := deploy().withModel(sized("small", 0), tooLong(0)).withModel(sized("large", 0), forwardtest.Says("large"))
	d.deps.Health = health.New()
	answeredBy(t, d.forwarder(t), ask("one two three"))
	d.providers["small"] = forwardtest.Says("small")
	call := ask("one two three")
	call.Models = []string{"small"}
	answeredBy(t, d.forwarder(t), call)
	want(t, "model", "small", answeredBy(t, d.forwarder(t), ask("one two three")))
}

// TestACascadeDoesNotEndWithASmallWindow: its last model answers unchecked, so
// one that lately called such prompts too long is left out.
func TestACascadeDoesNotEndWithASmallWindow(t *testing.T) {
	d := cascading(tooLong(0), routes.Check{Kind: routes.NotEmpty})
	d.deps.Health = health.New()
	for _, expected := range [][]string{{"cheap:context_length", "dear:done"}, {"dear:done"}} {
		record, err := d.forwarder(t).Forward(t.Context(), ask("hi"), discard)
		if err != nil {
			t.Fatal(err)
		}
		want(t, "path", expected, path(record))
	}
}

// TestAHeldAnswerKeepsItsReasoning and its refusal apart from its text.
func TestAHeldAnswerKeepsItsReasoning(t *testing.T) {
	d := cascading(thinks(), routes.Check{Kind: routes.MatchesRegex, Pattern: "^four$"})
	var got forward.Collector
	if _, err := d.forwarder(t).Forward(t.Context(), ask("hi"), got.Add); err != nil {
		t.Fatal(err)
	}
	if a := got.Answer(); a.Text != "four" || a.Reasoning != "two and two" || a.Refusal != "but not more" {
		t.Errorf("got %+v", a)
	}
}

func thinks() *forwardtest.Provider {
	return &forwardtest.Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		return forward.End{Finish: forward.FinishStop}, errors.Join(
			emit(forward.Piece{Reasoning: "two and two"}), emit(forward.Piece{Text: "four"}), emit(forward.Piece{Refusal: "but not more"}))
	}}
}

// TestWhyAModelFailedLastIsKnown: of failures that are the model's own.
func TestWhyAModelFailedLastIsKnown(t *testing.T) {
	for class, told := range map[forward.Class]bool{
		forward.ServerError: true, forward.Timeout: true, forward.Auth: true, forward.Unreachable: true,
		forward.RateLimited: false, forward.BadRequest: false, forward.ContextLength: false, forward.ContentFilter: false,
	} {
		t.Run(string(class), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := deploy().with("a", 1, forwardtest.Fails(&forward.UpstreamError{Class: class, Message: "no luck"})).with("b", 1, forwardtest.Says("b"))
				d.deps.Health = health.New()
				_, _ = d.forwarder(t).Forward(t.Context(), ask("hi"), discard) // some classes fail the call
				for _, s := range d.deps.Health.States() {
					if got := strings.Contains(s.Failed, "no luck"); got != (told && s.Name == "a") || s.FailedAt.IsZero() == got {
						t.Errorf("%s failed last with %q at %v", s.Name, s.Failed, s.FailedAt)
					}
				}
			})
		})
	}
}
