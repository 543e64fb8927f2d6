package wire

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

// parrot is a protocol whose messages are {"say":"…"} and {"end":true}.
type parrot struct {
	emit Emit
	at   Progress
}

func (w *parrot) Take(_ string, v gjson.Result) error {
	w.at = max(w.at, Begun)
	if v.Get("end").Bool() {
		w.at = Finished
	}
	return w.emit(forward.Piece{Text: v.Get("say").Str})
}
func (w *parrot) Progress() Progress { return w.at }
func (w *parrot) End() forward.End   { return forward.End{Model: "m"} }
func (w *parrot) Close(told bool) error {
	if w.at != Finished && !told {
		return Broken()
	}
	return nil
}

func converse(ctx context.Context, t *testing.T, c *forwardtest.Canned) (string, error) {
	t.Helper()
	caller, err := NewCaller(routes.Model{Name: "m", BaseURL: "http://model"}, Config{Transport: c, Accept: "text/event-stream"})
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	_, err = caller.Stream(ctx, Post{Payload: []byte("{}")}, func(p forward.Piece) error { said.WriteString(p.Text); return nil }, func(emit Emit) Protocol { return &parrot{emit: emit} })
	return said.String(), err
}

// TestAConnectionLeftOpen: after the end of an answer a server that says no more
// is waited for a moment, and its heartbeats do not extend that.
func TestAConnectionLeftOpen(t *testing.T) {
	const body = "data: {\"say\":\"hi\"}\n\ndata: {\"end\":true}\n\n"
	for name, c := range map[string]struct {
		body, beat string
		most       time.Duration
	}{
		"silent":             {body, "", grace},
		"heartbeats":         {body, ": alive\n\n", grace + 100*time.Millisecond},
		"pings":              {body, "event: ping\ndata: {}\n\n", grace + 100*time.Millisecond},
		"after [DONE]":       {body + "data: [DONE]\n\n", "", drain},
		"beats after [DONE]": {body + "data: [DONE]\n\n", ": alive\n\n", drain + 100*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				said, err := converse(t.Context(), t, &forwardtest.Canned{Body: c.body, Open: true, Beat: c.beat, Wait: func() { time.Sleep(100 * time.Millisecond) }})
				if took := time.Since(began); err != nil || said != "hi" || took > c.most {
					t.Errorf("%q, %v after %s", said, err, took)
				}
			})
		})
	}
}

// TestBeforeTheEndHeartbeatsAreLife: nothing of this ends an answer that goes on.
func TestBeforeTheEndHeartbeatsAreLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		began := time.Now()
		_, err := converse(ctx, t, &forwardtest.Canned{Body: "data: {\"say\":\"hi\"}\n\n", Open: true, Beat: ": alive\n\n", Wait: func() { time.Sleep(time.Second) }})
		if took := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || took < time.Hour {
			t.Errorf("%v after %s", err, took)
		}
	})
}

// TestACancelledCallerIsNoFailure of the upstream, also after the end.
func TestACancelledCallerIsNoFailure(t *testing.T) {
	for _, body := range []string{"", "data: {\"say\":\"hi\"}\n\n", "data: {\"end\":true}\n\n"} {
		synctest.Test(t, func(t *testing.T) {
			gone := errors.New("gone")
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(time.Millisecond, func() { cancel(gone) })
			var upstream *forward.UpstreamError
			if _, err := converse(ctx, t, &forwardtest.Canned{Body: body, Open: true}); !errors.Is(err, gone) || errors.As(err, &upstream) {
				t.Errorf("%q: %v", body, err)
			}
		})
	}
}

// TestARedirectIsNotFollowed: the key would go with it.
func TestARedirectIsNotFollowed(t *testing.T) {
	c := &forwardtest.Canned{Status: http.StatusTemporaryRedirect, Header: http.Header{"Location": {"http://elsewhere/"}}}
	_, err := converse(t.Context(), t, c)
	var upstream *forward.UpstreamError
	if !errors.As(err, &upstream) || upstream.Status != http.StatusTemporaryRedirect || len(c.Sent) != 1 {
		t.Errorf("%v after %d calls", err, len(c.Sent))
	}
}
