package store_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	checks "testing/quick"
	"time"

	"github.com/semroute/semroute/store"
)

// FuzzAllowed: whatever the prompt and the record, a policy that forbids the
// text leaves none of it, and the body stays one JSON object.
func FuzzAllowed(f *testing.F) {
	f.Add("where is my refund", `{"model":"m"}`)
	f.Add("x", "{}")
	f.Add("\xff\"}", " { \n } ")
	f.Add("", `{"a":{"b":[1,{}]}}`)
	f.Fuzz(func(t *testing.T, prompt, body string) {
		var object map[string]any
		if json.Unmarshal([]byte(body), &object) != nil || object == nil {
			return
		}
		for _, policy := range []store.Prompts{store.NoPrompts, store.HashedPrompts, store.RedactedPrompts, store.FullPrompts} {
			r := store.Record{Prompt: prompt, Body: json.RawMessage(body)}.Allowed(policy, []byte("key"))
			var after map[string]any
			if err := json.Unmarshal(r.Body, &after); err != nil {
				t.Fatalf("%s: %v in %s", policy, err, r.Body)
			}
			hash, _ := after["prompt"].(string)
			if hashed := policy == store.HashedPrompts && prompt != ""; hashed && len(hash) != len("hmac-sha256:")+64 {
				t.Errorf("%s: the record says %q of the prompt", policy, hash)
			} else if !hashed && string(r.Body) != body {
				t.Errorf("%s: the body became %s", policy, r.Body)
			}
			text := r.Text(policy)
			switch policy {
			case store.FullPrompts:
				if prompt != "" && (text == nil || *text != prompt) {
					t.Errorf("the text became %v", text)
				}
			case store.NoPrompts, store.HashedPrompts:
				if text != nil || r.Prompt != "" {
					t.Errorf("%s holds %q", policy, r.Prompt)
				}
			}
		}
	})
}

// TestAddNeverFalls: amounts are added up to the largest number and no further.
func TestAddNeverFalls(t *testing.T) {
	holds := func(a, b int64) bool {
		sum := store.Add(a, b)
		return sum >= max(a, b, 0) && sum == store.Add(b, a) && (sum == math.MaxInt64 || sum == max(a, 0)+max(b, 0))
	}
	if err := checks.Check(holds, &checks.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
	if s := (store.Sum{Answer: math.MaxInt64, Wasted: 1, Routing: math.MaxInt64, Dearest: 1}); s.Total() != math.MaxInt64 || s.SavingPercent() > 0 {
		t.Errorf("total %d, saving %v", s.Total(), s.SavingPercent())
	}
}

// TestPeriodsFollowOneAnother: every moment is in the period that begins not
// after it and ends after it.
func TestPeriodsFollowOneAnother(t *testing.T) {
	holds := func(seconds int32, zone int8) bool {
		at := time.Unix(int64(seconds), 0).In(time.FixedZone("", int(zone)*600))
		for _, p := range []store.Period{store.Minute, store.Day, store.Month} {
			start := p.Start(at)
			end := p.End(start)
			if start.After(at) || !end.After(at) || !p.Start(end).Equal(end) || !p.Start(end.Add(-1)).Equal(start) {
				return false
			}
		}
		return true
	}
	if err := checks.Check(holds, &checks.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
}

func TestErrorsSayWhatIsSpent(t *testing.T) {
	err := error(&store.ExceededError{Ask: store.Ask{Account: store.Account{Budget: "b", Scope: "user", Name: "jo", Period: store.Day}, Limit: 3, Amount: 2}, Used: 2})
	if !errors.Is(err, store.ErrExceeded) || !strings.Contains(err.Error(), `budget "b" of user "jo" has used 2 of 3 this day, asked are 2`) {
		t.Errorf("error is %v", err)
	}
}
