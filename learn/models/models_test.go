package models_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/learn/models"
)

// upstream answers as a model does.
type upstream struct {
	random            *rand.Rand
	tokens            float64
	latency           time.Duration
	refusals, errors  float64
	rejections, score float64
	name              string
}

func (u *upstream) call() *forward.Record {
	r := u.random
	a := forward.Attempt{Model: "small", Status: forward.Done, Answered: u.name}
	if r.Float64() < u.errors {
		a.Status = forward.Status(forward.ServerError)
		return &forward.Record{Attempts: []forward.Attempt{a}}
	}
	a.Usage.OutputTokens = int64(u.tokens * r.ExpFloat64())
	a.Latency = time.Duration(float64(u.latency) * (0.5 + r.Float64()))
	a.Refused = r.Float64() < u.refusals
	if r.Float64() < u.rejections {
		a.Status = forward.Rejected
	}
	score := min(1, max(0, u.score+0.1*r.NormFloat64()))
	a.Score = &score
	return &forward.Record{Cascade: true, Attempts: []forward.Attempt{a}}
}

func usual(seed uint64) *upstream {
	return &upstream{
		random: rand.New(rand.NewPCG(seed, 5)), tokens: 200, latency: time.Second, refusals: 0.02, errors: 0.01,
		rejections: 0.1, score: 0.8, name: "small-1",
	}
}

func watching(config models.Config) *models.Watch {
	w := models.New(config)
	w.Asked(map[string]string{"small": "ollama small"})
	return w
}

func TestAChangeOfAModelIsNoticed(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*upstream)
		kind   models.Kind
		rising bool
	}{
		"shorter answers": {func(u *upstream) { u.tokens = 60 }, models.Length, false},
		"more refusals":   {func(u *upstream) { u.refusals = 0.3 }, models.Refusals, true},
		"slower":          {func(u *upstream) { u.latency = 4 * time.Second }, models.Latency, true},
		"more errors":     {func(u *upstream) { u.errors = 0.3 }, models.Errors, true},
		"more rejections": {func(u *upstream) { u.rejections = 0.5 }, models.Rejections, true},
		"lower scores":    {func(u *upstream) { u.score = 0.5 }, models.Score, false},
	} {
		t.Run(name, func(t *testing.T) {
			u, w := usual(1), watching(models.Config{})
			for range 1000 {
				if s := w.Observe(u.call()); len(s) > 0 {
					t.Fatalf("alarm without a change: %+v", s)
				}
			}
			tt.change(u)
			for range 200 {
				signals := w.Observe(u.call())
				if len(signals) == 0 {
					continue
				}
				s := signals[0]
				if s.Kind != tt.kind || s.Rising != tt.rising || s.Model != "small" || s.Over {
					t.Errorf("%+v, want %s, rising %v", s, tt.kind, tt.rising)
				}
				if s.Rising != (s.Now > s.Reference) {
					t.Errorf("rising is %v from %v to %v", s.Rising, s.Reference, s.Now)
				}
				return
			}
			t.Error("not noticed within 200 calls")
		})
	}
}

func TestFalseAlarmsAreAsRareAsPromised(t *testing.T) {
	const promised, watched, calls = 5_000, 100, 2_000
	alarms := 0
	for seed := range uint64(watched) {
		u, w := usual(seed), watching(models.Config{RunLength: promised})
		for range calls {
			for _, s := range w.Observe(u.call()) {
				if !s.Over {
					alarms++
				}
			}
		}
	}
	t.Logf("%d alarms in %d calls", alarms, watched*calls)
	if alarms > watched*calls/promised {
		t.Errorf("more than one false alarm in %d calls", promised)
	}
}

func TestAnotherNameIsNoticedAtTheFirstCall(t *testing.T) {
	call := func(answered, other string) *forward.Record {
		return &forward.Record{Attempts: []forward.Attempt{{Model: "small", Status: forward.Done, Answered: answered, UpstreamModel: other}}}
	}
	type said struct{ Name, Known string }
	for name, tt := range map[string]struct {
		calls []*forward.Record
		want  []said
	}{
		"always the same":       {[]*forward.Record{call("gpt-4o-08", ""), call("gpt-4o-08", "")}, nil},
		"no name":               {[]*forward.Record{call("", ""), call("gpt-4o-08", "")}, nil},
		"a silent update":       {[]*forward.Record{call("gpt-4o-08", ""), call("gpt-4o-11", ""), call("gpt-4o-11", "")}, []said{{"gpt-4o-11", "gpt-4o-08"}}},
		"a redirect from first": {[]*forward.Record{call("llama", "llama"), call("llama", "llama")}, []said{{"llama", ""}}},
		"back and forth":        {[]*forward.Record{call("a", ""), call("b", ""), call("a", ""), call("b", "")}, []said{{"b", "a"}}},
	} {
		t.Run(name, func(t *testing.T) {
			w := watching(models.Config{})
			var got []said
			for _, r := range tt.calls {
				for _, s := range w.Observe(r) {
					got = append(got, said{s.Name, s.Known})
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	w := watching(models.Config{})
	for i := range 100 {
		w.Observe(call(fmt.Sprint("m", i), ""))
	}
	if got := len(w.Reports()[0].Names); got > 16 {
		t.Errorf("%d names are remembered", got)
	}
}

func TestWhatIsNotTheModelsIsNotCounted(t *testing.T) {
	w := watching(models.Config{})
	for _, a := range []forward.Attempt{
		{Model: "small", Status: forward.Skipped}, {Model: "small", Status: forward.Cancelled}, {Model: "small", Status: forward.OverBudget},
		{Model: "small", Status: forward.Status(forward.BadRequest)}, {Model: "small", Status: forward.Done, Judge: true},
		{Model: "another", Status: forward.Done},
	} {
		w.Observe(&forward.Record{Attempts: []forward.Attempt{a}})
	}
	if got := w.Reports(); len(got) > 0 {
		t.Errorf("counted: %+v", got)
	}
	w.Observe(&forward.Record{Decision: forward.Decision{Stage: models.StageCanary}, Attempts: []forward.Attempt{{Model: "small", Status: forward.Done, Answered: "small-1"}}})
	if got := w.Reports(); len(got) != 1 || got[0].Calls != 0 || len(got[0].Names) != 1 {
		t.Errorf("of a canary only the name counts: %+v", got)
	}
}

func TestWhatWasLearntGoesOn(t *testing.T) {
	u, w := usual(3), watching(models.Config{})
	for range 300 {
		w.Observe(u.call())
	}
	data, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	next := models.New(models.Config{})
	if err := next.Resume(data); err != nil {
		t.Fatal(err)
	}
	next.Asked(map[string]string{"small": "ollama small"})
	if diff := cmp.Diff(w.Reports(), next.Reports()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	next.Asked(map[string]string{"small": "ollama large"})
	if got := next.Reports(); len(got) > 0 {
		t.Errorf("known of what is asked for no more: %+v", got)
	}
	if err := next.Resume([]byte(`{"small": 7}`)); err == nil {
		t.Error("what cannot be read was taken")
	}
}
