package eval

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval/evaltest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

var shopData = []routes.Labelled{
	{Text: "where is my refund", Route: "refunds", Line: 1},
	{Text: "track my parcel", Route: "shipping", Line: 2},
	{Text: "sing a song", Route: "", Line: 3},
}

var shopRoutes = []string{"refunds", "shipping"}

func shop() *evaltest.Scripted {
	return &evaltest.Scripted{
		Decisions: map[string]router.Decision{
			"where is my refund": evaltest.Chose("refunds", .9),
			"track my parcel":    evaltest.Chose("shipping", .8),
		},
		Otherwise: func(string) router.Decision { return evaltest.Abstained("shipping", .1) },
	}
}

// ticking is a clock that moves a millisecond each time it is read.
func ticking() func() time.Time {
	now := time.Unix(0, 0)
	return func() time.Time { now = now.Add(time.Millisecond); return now }
}

func TestRunMeasuresOneByOneThenInBatches(t *testing.T) {
	d := shop()
	var told []int
	total := 0
	r, err := Run(context.Background(), d, shopData, Config{
		Known: shopRoutes, BatchSize: 2, Perturbed: -1, Clock: ticking(),
		Progress: func(done, all int) { told, total = append(told, done), all },
	})
	if err != nil {
		t.Fatal(err)
	}
	// A first one, three alone, then a full batch and the rest.
	if diff := cmp.Diff([]int{1, 1, 1, 1, 2, 1}, d.Batches); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 5, 6}, told); diff != "" || total != 6 {
		t.Errorf("progress of %d: %s", total, diff)
	}
	if want := (Latency{P50: 1000, P99: 1000, N: 3, Batch: 1000. / 3}); r.Latency != want {
		t.Errorf("latency is %+v, want %+v", r.Latency, want)
	}
	checkValue(t, "accuracy", r.Accuracy, ptr(1))
	checkValue(t, "oos_recall", r.OOSRecall, ptr(1))
	if r.Robustness != nil || r.Fingerprint != "f00d" {
		t.Errorf("robustness %v, fingerprint %q", r.Robustness, r.Fingerprint)
	}
}

func TestEqualPromptsAreTimedOnce(t *testing.T) {
	d := shop()
	twice := slices.Concat(shopData, shopData)
	r, err := Run(context.Background(), d, twice, Config{Known: shopRoutes, Perturbed: -1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Latency.N != 3 || r.N != 6 {
		t.Errorf("%d timed of %d", r.Latency.N, r.N)
	}
}

func TestRunRefuses(t *testing.T) {
	boom := errors.New("boom")
	stopped, stop := context.WithCancel(context.Background())
	stop()
	unsure := func(c float64) *evaltest.Scripted {
		return &evaltest.Scripted{Otherwise: func(string) router.Decision { return router.Decision{Confidence: c} }}
	}
	for _, c := range []struct {
		name    string
		ctx     context.Context
		decider Decider
		data    []routes.Labelled
		want    error
	}{
		{"no prompts", context.Background(), shop(), nil, ErrNoPrompts},
		{"an unknown label", context.Background(), shop(), []routes.Labelled{{Text: "x", Route: "refund"}}, ErrUnknownLabels},
		{"an error of the decider", context.Background(), &evaltest.Scripted{Err: boom}, shopData, boom},
		{"a confidence that is a sum", context.Background(), unsure(1.7), shopData, ErrDecider},
		{"a confidence that is no number", context.Background(), unsure(math.NaN()), shopData, ErrDecider},
		{"too few decisions", context.Background(), tooFew{}, shopData, ErrDecider},
		{"a generation that changes", context.Background(), &restless{}, slices.Repeat(shopData, 200), ErrDecider},
		{"a context that is done", stopped, shop(), shopData, context.Canceled},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Run(c.ctx, c.decider, c.data, Config{Known: shopRoutes})
			if !errors.Is(err, c.want) || r != nil {
				t.Errorf("got %v, %v", r, err)
			}
		})
	}
}

// tooFew answers with a decision too few.
type tooFew struct{}

func (tooFew) DecideBatch(_ context.Context, prompts []router.Prompt, _ router.Limits) ([]router.Decision, error) {
	return make([]router.Decision, len(prompts)-1), nil
}

// restless is on another generation at each call.
type restless struct{ calls int }

func (r *restless) DecideBatch(_ context.Context, prompts []router.Prompt, _ router.Limits) ([]router.Decision, error) {
	r.calls++
	return slices.Repeat([]router.Decision{{Fingerprint: strconv.Itoa(r.calls)}}, len(prompts)), nil
}

func TestUnknownLabelsAreListedWithTheNearestName(t *testing.T) {
	err := CheckLabels([]routes.Labelled{
		{Text: "a", Route: "shiping", Line: 1}, {Text: "b", Route: "refunds", Line: 2},
		{Text: "c", Route: "shiping", Line: 3}, {Text: "d", Route: "astrology", Line: 4}, {Text: "e", Line: 5},
	}, shopRoutes)
	want := `the data names routes that the catalog lacks:
  "astrology" (1×, first in line 4)
  "shiping" (2×, first in line 1); did you mean "shipping"?`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestManyUnknownLabelsAreCounted(t *testing.T) {
	var data []routes.Labelled
	for i := range maxUnknown + 5 {
		data = append(data, routes.Labelled{Text: "x", Route: "zz" + strings.Repeat("y", i)})
	}
	if err := CheckLabels(data, shopRoutes); err == nil || !strings.HasSuffix(err.Error(), "and 5 more") {
		t.Errorf("got %v", err)
	}
}

// Labels that the catalog lacks are refused, left out or counted as wrong, as asked.
func TestUnknownLabelsAreTreatedAsAsked(t *testing.T) {
	data := append(slices.Clone(shopData), routes.Labelled{Text: "x", Route: "astrology"}, routes.Labelled{Text: "y", Route: "astrology"})
	run := func(u UnknownLabels) (*Result, error) {
		return Run(t.Context(), shop(), data, Config{Known: shopRoutes, Seed: 7, Unknown: u})
	}
	for _, u := range []UnknownLabels{"", UnknownRefused} {
		if _, err := run(u); !errors.Is(err, ErrUnknownLabels) {
			t.Errorf("%q: %v", u, err)
		}
	}
	bare, err := Run(t.Context(), shop(), shopData, Config{Known: shopRoutes, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	skipped, err := run(UnknownSkipped)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := run(UnknownWrong)
	if err != nil {
		t.Fatal(err)
	}
	if skipped.N != bare.N || *skipped.Accuracy != *bare.Accuracy || wrong.N != bare.N+2 || wrong.NInScope != bare.NInScope+2 || *wrong.Accuracy >= *bare.Accuracy {
		t.Errorf("of %d (%v): skipped %d (%v), wrong %d (%v)", bare.N, *bare.Accuracy, skipped.N, *skipped.Accuracy, wrong.N, *wrong.Accuracy)
	}
	want := &Unknown{Treated: UnknownWrong, Prompts: 2, Labels: map[string]int{"astrology": 2}}
	if diff := cmp.Diff(want, wrong.UnknownLabels); diff != "" || skipped.UnknownLabels.Prompts != 2 || bare.UnknownLabels != nil {
		t.Errorf("unknown labels: %s, skipped %+v, bare %+v", diff, skipped.UnknownLabels, bare.UnknownLabels)
	}
	if _, err := Run(t.Context(), shop(), data[len(shopData):], Config{Known: shopRoutes, Unknown: UnknownSkipped}); !errors.Is(err, ErrNoPrompts) {
		t.Errorf("nothing left: %v", err)
	}
}

// TestResultKeys: programs read these names.
func TestResultKeys(t *testing.T) {
	r, err := Run(context.Background(), shop(), shopData, Config{Known: shopRoutes, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	want := strings.Fields(`accuracy aurc confidence_histogram confusions coverage degraded ece embed_calls_saved errors fingerprint
		in_scope_accuracy latency_us macro_f1 n n_in_scope n_out_of_scope oos_auroc oos_recall per_route precision
		reliability risk_coverage robustness stages truncated`)
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(object))); diff != "" {
		t.Error(diff)
	}
	for name, value := range object {
		if value == nil {
			t.Errorf("%s is null", name)
		}
	}
}

func TestSameSeedSameNumbers(t *testing.T) {
	run := func(seed uint64) *Result {
		r, err := Run(context.Background(), shop(), shopData, Config{Known: shopRoutes, Seed: seed, Clock: ticking()})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if diff := cmp.Diff(run(3), run(3)); diff != "" {
		t.Error(diff)
	}
}
