package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/store"
)

func said(at time.Time, key, decision, what string) store.Feedback {
	return store.Feedback{Key: key, Decision: decision, Time: at, Body: json.RawMessage(`{"said":"` + what + `"}`)}
}

func addFeedback(t testing.TB, s store.FeedbackLog, f store.Feedback) store.Feedback {
	t.Helper()
	kept, err := s.AddFeedback(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func listFeedback(t testing.TB, s store.FeedbackLog, f store.FeedbackFilter) []store.Feedback {
	t.Helper()
	list, err := s.Feedback(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func feedbackIsKeptOnce(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "feedback", store.Config{Now: c.Now})
	want := addFeedback(t, s, said(c.Now(), "k", "d", "right"))
	if want.Seq <= 0 {
		t.Errorf("its place is %d", want.Seq)
	}
	var group sync.WaitGroup
	for range 8 { // again, with other words, at the same time
		group.Go(func() {
			got, err := s.AddFeedback(context.Background(), said(c.Now().Add(time.Hour), "k", "other", "wrong"))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v, kept (-want +got):\n%s", err, diff)
			}
		})
	}
	group.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, "feedback", store.Config{Now: c.Now})
	if diff := cmp.Diff([]store.Feedback{want}, listFeedback(t, s, store.FeedbackFilter{})); diff != "" {
		t.Errorf("after a restart (-want +got):\n%s", diff)
	}
}

func feedbackIsListedInOrder(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "feedback", store.Config{Now: c.Now})
	var group sync.WaitGroup
	const writers, each = 4, 10
	for w := range writers {
		group.Go(func() {
			for i := range each { // late feedback comes after newer one
				addFeedback(t, s, said(c.Now().Add(-time.Duration(i)*time.Hour), fmt.Sprintf("%d/%d", w, i), fmt.Sprint(w), "x"))
			}
		})
	}
	seen := map[string]bool{}
	var last int64
	read := func() {
		for _, f := range listFeedback(t, s, store.FeedbackFilter{After: last, Limit: 3}) {
			if f.Seq <= last || seen[f.Key] {
				t.Errorf("%q comes at %d after %d", f.Key, f.Seq, last)
			}
			last, seen[f.Key] = f.Seq, true
		}
	}
	done := make(chan struct{})
	go func() { defer close(done); group.Wait() }()
	for open := true; open; {
		select {
		case <-done:
			open = false
		default:
			read()
		}
	}
	for before := -1; before < len(seen); {
		before = len(seen)
		read()
	}
	if len(seen) != writers*each {
		t.Errorf("reading on found %d of %d", len(seen), writers*each)
	}
	if n := len(listFeedback(t, s, store.FeedbackFilter{Decision: "2"})); n != each {
		t.Errorf("%d of one decision", n)
	}
	if n := len(listFeedback(t, s, store.FeedbackFilter{Since: c.Now().Add(-time.Hour), Before: c.Now()})); n != writers {
		t.Errorf("%d of one hour", n)
	}
}

func badFeedback(t *testing.T, open Open) {
	s := open(t, "feedback", store.Config{})
	good := said(time.Now(), "k", "d", "x")
	for name, change := range map[string]func(*store.Feedback){
		"no key":         func(f *store.Feedback) { f.Key = "" },
		"a long key":     func(f *store.Feedback) { f.Key = strings.Repeat("k", 257) },
		"a zero byte":    func(f *store.Feedback) { f.Decision = "a\x00b" },
		"no UTF-8":       func(f *store.Feedback) { f.Decision = "\xff" },
		"no decision":    func(f *store.Feedback) { f.Decision = "" },
		"no JSON":        func(f *store.Feedback) { f.Body = json.RawMessage("{") },
		"nothing":        func(f *store.Feedback) { f.Body = nil },
		"too much":       func(f *store.Feedback) { f.Body = json.RawMessage(`"` + strings.Repeat("x", 65<<10) + `"`) },
		"JSON, no UTF-8": func(f *store.Feedback) { f.Body = json.RawMessage("\"\xff\"") },
	} {
		bad := good
		change(&bad)
		if _, err := s.AddFeedback(context.Background(), bad); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list := listFeedback(t, s, store.FeedbackFilter{}); len(list) != 0 {
		t.Errorf("kept: %v", list)
	}
}
