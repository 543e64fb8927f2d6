package alarm_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/learn/alarm"
)

func numbers(alarms []alarm.Alarm) []int64 {
	out := []int64{}
	for _, a := range alarms {
		out = append(out, a.Number)
	}
	return out
}

func TestAnAlarmLastsUntilItEnds(t *testing.T) {
	b := alarm.NewBook(alarm.Config{})
	far := alarm.Alarm{Source: alarm.Drift, What: "similarity", Message: "prompts lie farther away"}
	b.Raise(far)
	b.Raise(far) // lasts already
	b.Raise(alarm.Alarm{Source: alarm.Drift, What: "share", Subject: "refunds"})
	b.Tell(alarm.Alarm{Source: alarm.Name, Subject: "small", What: "gpt-new"})
	if diff := cmp.Diff([]int64{3, 2, 1}, numbers(b.Alarms(false))); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{2, 1}, numbers(b.Alarms(true))); diff != "" {
		t.Errorf("lasting (-want +got):\n%s", diff)
	}
	b.End(far)
	b.End(far) // nothing lasts
	if diff := cmp.Diff([]int64{2}, numbers(b.Alarms(true))); diff != "" {
		t.Errorf("lasting after an end (-want +got):\n%s", diff)
	}
	b.Raise(far)
	if diff := cmp.Diff([]int64{4, 2}, numbers(b.Alarms(true))); diff != "" {
		t.Errorf("lasting after a new beginning (-want +got):\n%s", diff)
	}
}

func TestTheOldestAreForgottenAndWhatWasKeptGoesOn(t *testing.T) {
	b := alarm.NewBook(alarm.Config{})
	for range 300 {
		b.Tell(alarm.Alarm{Source: alarm.Name, What: "x"})
	}
	kept := b.Alarms(false)
	if len(kept) != 256 || kept[0].Number != 300 {
		t.Fatalf("%d alarms, the newest is number %d", len(kept), kept[0].Number)
	}
	next := alarm.NewBook(alarm.Config{})
	next.Restore(kept)
	next.Tell(alarm.Alarm{Source: alarm.Name, What: "y"})
	if got := next.Alarms(false); len(got) != 256 || got[0].Number != 301 || got[1].Number != 300 {
		t.Errorf("%d alarms, the newest numbers are %d and %d", len(got), got[0].Number, got[1].Number)
	}
}

// web answers requests with the statuses in turn, the last one for ever.
type web struct {
	statuses []int

	mu     sync.Mutex // protects the fields below
	bodies []string
}

func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bodies = append(w.bodies, string(body))
	status := w.statuses[min(len(w.bodies), len(w.statuses))-1]
	if status == 0 {
		return nil, errors.New("no connection")
	}
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Header: http.Header{"Location": {"https://elsewhere.example"}},
		Body: io.NopCloser(strings.NewReader("")), Request: r,
	}, nil
}

func (w *web) asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bodies
}

func TestAHookIsToldAFewTimes(t *testing.T) {
	for name, tt := range map[string]struct {
		statuses []int
		asked    int
	}{
		"taken":                 {[]int{204}, 1},
		"taken at the third":    {[]int{0, 503, 200}, 3},
		"never":                 {[]int{500}, 4},
		"refused":               {[]int{404}, 1},
		"a redirect is refused": {[]int{307}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &web{statuses: tt.statuses}
				hook, err := alarm.NewHook("https://example.com/alarms", w)
				if err != nil {
					t.Fatal(err)
				}
				b := alarm.NewBook(alarm.Config{Hook: hook})
				ctx, cancel := context.WithCancel(t.Context())
				var running sync.WaitGroup
				running.Go(func() { b.Run(ctx) })
				b.Raise(alarm.Alarm{Source: alarm.Drift, What: "abstention", Message: "more prompts get no route"})
				time.Sleep(time.Minute)
				cancel()
				running.Wait()
				if got := w.asked(); len(got) != tt.asked {
					t.Fatalf("asked %d times, want %d", len(got), tt.asked)
				}
				var sent alarm.Alarm
				if err := json.Unmarshal([]byte(w.asked()[0]), &sent); err != nil || sent.Message != "more prompts get no route" || sent.Number != 1 {
					t.Errorf("sent %s, %v", w.asked()[0], err)
				}
			})
		})
	}
}

func TestAddressesOfHooks(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://example.com/x": true, "http://127.0.0.1:9/x": true, "http://localhost/x": true, "http://[::1]:8/": true,
		"http://example.com/x": false, "ftp://example.com": false, "example.com": false, "": false, "https://": false,
	} {
		if _, err := alarm.NewHook(address, nil); (err == nil) != ok || err != nil && !errors.Is(err, alarm.ErrHook) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
