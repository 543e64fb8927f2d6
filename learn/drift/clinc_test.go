package drift_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// banking are the routes of CLINC150 that belong to one of its topics.
var banking = []string{
	"freeze_account", "routing", "pin_change", "bill_due", "pay_bill", "account_blocked", "interest_rate", "min_payment",
	"bill_balance", "transfer", "order_checks", "balance", "spending_history", "transactions", "report_fraud",
}

// clinc are decisions on CLINC150 by a catalog without its topic of banking.
type clinc struct {
	reference       *routes.Reference // of the validation files
	known, unknown  []drift.Observation
	nowhere         []drift.Observation // out of scope, in the data's own words
	shareOfNowhere  float64
	routes, decided int
}

func readClinc(t *testing.T) *clinc {
	t.Helper()
	data := os.Getenv("OUTSIDE_DATA")
	if data == "" {
		t.Skip("OUTSIDE_DATA names no folder with CLINC150's train, val, test and oos files")
	}
	read := func(name string) []routes.Labelled {
		file, err := os.Open(filepath.Join(data, name+".jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		prompts, err := routes.ReadLabelled(file, name)
		if err != nil {
			t.Fatal(err)
		}
		return prompts
	}
	utterances := map[string][]string{}
	for _, p := range read("train") {
		if !slices.Contains(banking, p.Route) {
			utterances[p.Route] = append(utterances[p.Route], p.Text)
		}
	}
	catalog := &routes.Catalog{}
	for name, texts := range utterances {
		catalog.Routes = append(catalog.Routes, routes.Route{Name: name, Utterances: texts})
	}
	slices.SortFunc(catalog.Routes, func(a, b routes.Route) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	e := engine.New(catalog, engine.Config{Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory}, Log: zerolog.Nop()})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	c := &clinc{routes: len(catalog.Routes)}
	decide := func(prompts []routes.Labelled, keep func(routes.Labelled) bool) []drift.Observation {
		var out []drift.Observation
		for _, p := range prompts {
			if !keep(p) {
				continue
			}
			d, err := e.Decide(t.Context(), router.Prompt{Text: p.Text}, router.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			c.decided++
			if o, ok := drift.Observe(&d); ok {
				out = append(out, o)
			}
		}
		return out
	}
	inBanking := func(p routes.Labelled) bool { return slices.Contains(banking, p.Route) }
	elsewhere := func(p routes.Labelled) bool { return !inBanking(p) }
	var tally drift.Tally
	val := decide(read("val"), elsewhere)
	nowhere := decide(read("oos_val"), elsewhere)
	for _, o := range slices.Concat(val, nowhere) {
		tally.Add(&o)
	}
	c.reference = tally.Reference(routes.FromPrompts)
	c.shareOfNowhere = float64(len(nowhere)) / float64(tally.N())
	test := read("test")
	c.known, c.unknown, c.nowhere = decide(test, elsewhere), decide(test, inBanking), decide(read("oos_test"), elsewhere)
	return c
}

// draw resamples a prompt; shift is the share of the unknown topic.
func (c *clinc) draw(r *rand.Rand, shift float64) *drift.Observation {
	from := c.known
	switch {
	case r.Float64() < shift:
		from = c.unknown
	case r.Float64() < c.shareOfNowhere:
		from = c.nowhere
	}
	return &from[r.IntN(len(from))]
}

// TestDriftOnCLINC150 measures, on decisions by static vectors for the test
// files, held against a reference of the validation files, how often there is a
// false alarm and after how many prompts a fifth of an unknown topic is noticed.
func TestDriftOnCLINC150(t *testing.T) {
	c := readClinc(t)
	t.Logf("%d routes, reference of %d prompts: confidence %.3f, similarity %.3f, abstained %.3f", c.routes, c.reference.Prompts,
		c.reference.Confidence.Mean, c.reference.Similarity.Mean, c.reference.Abstained)
	const streams, length, promised = 100, 50_000, 50_000
	alarms := map[string]int{}
	total := 0
	for seed := range uint64(streams) {
		r := rand.New(rand.NewPCG(seed, 150))
		w := drift.Watching(c.reference, drift.Config{RunLength: promised})
		for range length {
			for _, s := range w.Observe(c.draw(r, 0)) {
				if !s.Over {
					alarms[fmt.Sprint(s.Kind, " ", s.Route)]++
					total++
				}
			}
		}
		if seed == 0 {
			for _, n := range w.Numbers()[:3] {
				t.Logf("%s: reference %.3f, band %.3f to %.3f, window %.3f", n.Kind, n.Reference, n.Band.Low, n.Band.High, n.Window)
			}
		}
	}
	t.Logf("%d streams of %d unshifted prompts: %d false alarms, one in %.0f prompts at most %v", streams, length, total, float64(streams*length)/float64(max(1, total)), alarms)
	if total > streams*length/promised {
		t.Errorf("more than one false alarm in %d prompts", promised)
	}
	var delays []int
	for seed := range uint64(streams) {
		r := rand.New(rand.NewPCG(seed, 151))
		w := drift.Watching(c.reference, drift.Config{RunLength: promised})
		for range 1000 {
			w.Observe(c.draw(r, 0))
		}
		delay := 0
		for noticed := false; !noticed && delay < 2000; {
			delay++
			noticed = begun(w.Observe(c.draw(r, 0.2))) > 0
		}
		delays = append(delays, delay)
	}
	slices.Sort(delays)
	t.Logf("20 %% of an unknown topic is noticed after %d prompts in the median, %d in 95 %%, %d at the latest of %d streams",
		delays[len(delays)/2], delays[len(delays)*95/100], delays[len(delays)-1], len(delays))
	if late := delays[len(delays)*95/100]; late > 300 {
		t.Errorf("noticed after %d prompts in 95 %% of the streams, want 300", late)
	}
}
