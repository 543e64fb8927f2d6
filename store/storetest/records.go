package storetest

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/store"
)

func promptsAreStoredAsFarAsAllowed(t *testing.T, open Open) {
	const prompt = "i am jo@example.com, call +49 170 1234567, my key is sk-abcdefghijklmnop1234"
	for policy, want := range map[store.Prompts]string{
		"":                    "",
		store.NoPrompts:       "",
		store.HashedPrompts:   "",
		store.RedactedPrompts: "i am [email], call [number], my key is [key]",
		store.FullPrompts:     prompt,
	} {
		t.Run(string(policy), func(t *testing.T) {
			s := open(t, "prompts", store.Config{Prompts: policy})
			for range 2 {
				s.Append(Record(time.Now(), "r", "m", "u", prompt, 5))
			}
			s.Append(Record(time.Now(), "r", "m", "u", "", 5))
			Sync(t, s)
			list := Lines(t, s, store.Filter{})
			if text, _ := list[0]["text"].(string); text != want {
				t.Errorf("text is %q, want %q", text, want)
			}
			first, second := list[0]["record"].(map[string]any), list[1]["record"].(map[string]any)
			hash, _ := first["prompt"].(string)
			if policy == store.HashedPrompts != strings.HasPrefix(hash, "hmac-sha256:") || hash != "" && hash != second["prompt"] {
				t.Errorf("the record says %q and %v of the prompt", hash, second["prompt"])
			}
			if first["model"] != "m" {
				t.Errorf("the record is %v", first)
			}
			if none := list[2]["record"].(map[string]any)["prompt"]; none != nil || list[2]["text"] != nil {
				t.Errorf("of no prompt is kept: %v", list[2])
			}
		})
	}
}

func exportIsALabelledPrompt(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "export", store.Config{Prompts: store.FullPrompts, Now: c.Now})
	old := c.Now()
	c.Pass(time.Hour)
	s.Append(Record(old, "old", "m", "u", "x", 1))
	s.Append(Record(c.Now(), "billing", "m", "u", "where is my <refund>", 1))
	s.Append(Record(c.Now(), "", "m", "u", "", 1))
	Sync(t, s)
	got := Lines(t, s, store.Filter{Since: c.Now(), WithText: true})
	want := []map[string]any{{
		"text": "where is my <refund>", "route": "billing",
		"record": map[string]any{"decision": map[string]any{"route": "billing"}, "model": "m"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("exported (-want +got):\n%s", diff)
	}
	if all := Lines(t, s, store.Filter{}); len(all) != 3 || all[0]["route"] != "old" {
		t.Errorf("exported in all: %v", all)
	}
}

func report(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "report", store.Config{Now: c.Now})
	s.Append(Record(c.Now().Add(-time.Hour), "old", "old", "old", "", 1000))
	s.Append(Record(c.Now(), "a", "small", "jo", "", 97))
	s.Append(Record(c.Now(), "a", "large", "jo", "", 197))
	failed := Record(c.Now(), "b", "", "mo", "", 0)
	failed.Failed, failed.Estimated, failed.Unpriced, failed.Implausible = true, true, true, true
	s.Append(failed)
	s.Append(store.Record{Time: c.Now(), Route: "b", User: "mo", Routing: 2, Body: []byte("{}")})
	Sync(t, s)
	b := store.Sum{Name: "b", Decisions: 2, Calls: 1, Failed: 1, Estimated: 1, Unpriced: 1, Implausible: 1, InputTokens: 3, OutputTokens: 4, Wasted: 1, Routing: 4}
	none, mo := b, b
	none.Name, mo.Name = "", "mo"
	a := store.Sum{Name: "a", Decisions: 2, Calls: 2, InputTokens: 6, OutputTokens: 8, Answer: 294, Wasted: 2, Routing: 4, Dearest: 2940}
	jo := a
	jo.Name = "jo"
	want := store.Report{
		Since: c.Now(),
		Total: store.Sum{
			Decisions: 4, Calls: 3, Failed: 1, Estimated: 1, Unpriced: 1, Implausible: 1,
			InputTokens: 9, OutputTokens: 12, Answer: 294, Wasted: 3, Routing: 8, Dearest: 2940,
		},
		Routes: []store.Sum{a, b},
		Models: []store.Sum{
			{Name: "large", Decisions: 1, Calls: 1, InputTokens: 3, OutputTokens: 4, Answer: 197, Wasted: 1, Routing: 2, Dearest: 1970},
			{Name: "small", Decisions: 1, Calls: 1, InputTokens: 3, OutputTokens: 4, Answer: 97, Wasted: 1, Routing: 2, Dearest: 970},
			none,
		},
		Users: []store.Sum{jo, mo},
	}
	got := reported(t, s, c.Now())
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if saving := got.Models[1].SavingPercent(); saving < 89.69 || saving > 89.70 {
		t.Errorf("saving is %v %%", saving)
	}
	if saving := got.Routes[1].SavingPercent(); saving != 0 {
		t.Errorf("saving without a comparison is %v %%", saving)
	}
}

// oddNumbers: records with numbers that cannot be right are named and left out
// of the sums, and the others are summed up.
func oddNumbers(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "odd", store.Config{Now: c.Now})
	change := []func(*store.Record){
		func(r *store.Record) { r.InputTokens = math.MaxInt64 },
		func(r *store.Record) { r.OutputTokens = -1 },
		func(r *store.Record) { r.Answer = math.MinInt64 },
		func(r *store.Record) { r.Wasted = math.MaxInt64 },
		func(r *store.Record) { r.Routing = -3 },
		func(r *store.Record) { r.Dearest = store.MaxCallNano + 1 },
	}
	for _, odd := range change {
		r := Record(c.Now(), "a", "liar", "jo", "", 100)
		odd(&r)
		s.Append(r)
	}
	s.Append(Record(c.Now(), "a", "liar", "jo", "", 100))
	Sync(t, s)
	got := reported(t, s, c.Now())
	n := int64(len(change))
	want := store.Sum{Decisions: n + 1, Calls: n + 1, LeftOut: n, InputTokens: 3, OutputTokens: 4, Answer: 100, Wasted: 1, Routing: 2, Dearest: 1000}
	if diff := cmp.Diff(want, got.Total); diff != "" {
		t.Errorf("total (-want +got):\n%s", diff)
	}
	want.Name = "liar"
	if diff := cmp.Diff([]store.Sum{want}, got.Models); diff != "" {
		t.Errorf("models (-want +got):\n%s", diff)
	}
	if len(got.Odd) != len(change) {
		t.Fatalf("%d records are named", len(got.Odd))
	}
	if first := got.Odd[n-1]; !first.Time.Equal(c.Now()) || first.Model != "liar" || first.User != "jo" || first.InputTokens != math.MaxInt64 {
		t.Errorf("the first odd one is %+v", first)
	}
	if lines := Lines(t, s, store.Filter{}); len(lines) != len(change)+1 {
		t.Errorf("%d records are exported", len(lines))
	}
}

// largeSums: sums beyond 64 bits are the largest number, not a failure.
func largeSums(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "large", store.Config{Now: c.Now})
	const n = math.MaxInt64/store.MaxCallNano + 2
	for range n {
		r := Record(c.Now(), "a", "m", "jo", "", store.MaxCallNano)
		r.InputTokens, r.Dearest = store.MaxCallTokens, 1
		s.Append(r)
	}
	Sync(t, s)
	got := reported(t, s, c.Now()).Total
	if got.Answer != math.MaxInt64 || got.Total() != math.MaxInt64 || got.InputTokens != n*store.MaxCallTokens || got.Dearest != n || got.LeftOut != 0 {
		t.Errorf("total is %+v", got)
	}
}

func nothingIsLostOnClose(t *testing.T, open Open) {
	s := open(t, "close", store.Config{})
	const writers, each = 8, 200
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for range each {
				s.Append(Record(time.Now(), "r", "m", strconv.Itoa(w), "", 1))
			}
		})
	}
	group.Wait()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.Append(Record(time.Now(), "r", "m", "late", "", 1))
	if got := s.Stats(); got.Written != writers*each || got.Lost != 1 {
		t.Errorf("stats are %+v", got)
	}
	if err := s.Sync(context.Background()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Sync after Close: %v", err)
	}
	again := open(t, "close", store.Config{})
	if got := reported(t, again, time.Unix(0, 0)); got.Total.Calls != writers*each || len(got.Users) != writers {
		t.Errorf("%d calls of %d users", got.Total.Calls, len(got.Users))
	}
}

// queueIsBoundedByBytes: what does not fit is lost, counted and explained; what
// may not be stored of a prompt takes no room.
func queueIsBoundedByBytes(t *testing.T, open Open) {
	large := strings.Repeat("x", 1<<20)
	s := open(t, "full", store.Config{Prompts: store.FullPrompts, QueueBytes: 1 << 19})
	s.Append(Record(time.Now(), "r", "m", "u", large, 1))
	Sync(t, s)
	if got := s.Stats(); got.Lost != 1 || got.WaitingBytes != 0 || !strings.Contains(got.LastError, "no room in the queue") {
		t.Errorf("stats are %+v", got)
	}
	s.Append(Record(time.Now(), "r", "m", "u", "small", 1))
	Sync(t, s)
	if got := s.Stats(); got.Written != 1 || got.Lost != 1 || got.WaitingBytes != 0 {
		t.Errorf("stats are %+v", got)
	}
	if err := s.Close(); err == nil || !strings.Contains(err.Error(), "1 records were lost: no room") {
		t.Errorf("Close says %v", err)
	}
	for _, policy := range []store.Prompts{store.NoPrompts, store.HashedPrompts} {
		s := open(t, string(policy), store.Config{Prompts: policy, QueueBytes: 1 << 19})
		s.Append(Record(time.Now(), "r", "m", "u", large, 1))
		Sync(t, s)
		if got := s.Stats(); got.Written != 1 || got.Lost != 0 {
			t.Errorf("%s: stats are %+v", policy, got)
		}
	}
}

func oldRecordsGo(t *testing.T, open Open) {
	c := NewClock()
	s := open(t, "age", store.Config{Now: c.Now})
	for i := range 20 {
		s.Append(Record(c.Now().Add(time.Duration(i)*time.Second), "r", "m", "u", "", 1))
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	c.Pass(20 * time.Second)
	s = open(t, "age", store.Config{Now: c.Now, MaxAge: 15 * time.Second})
	Sync(t, s) // what is old goes before anything else is done
	if n := len(Lines(t, s, store.Filter{})); n != 15 {
		t.Errorf("%d records are left", n)
	}
}
