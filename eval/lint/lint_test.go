package lint

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/eval/evaltest"
	"github.com/semroute/semroute/internal/vec"
	"github.com/semroute/semroute/routes"
)

// entries are utterances of a route, "route: utterance", a line each.
var _ = flag.Bool("update", false, "write the golden files anew")

func entries(lines ...string) []Entry {
	list := make([]Entry, len(lines))
	for i, line := range lines {
		route, utterance, _ := strings.Cut(line, ": ")
		list[i] = Entry{Route: route, Utterance: utterance, At: routes.Position{File: "c.yaml", Line: i + 1, Column: 5}}
	}
	return list
}

// lint gives the findings of the kinds, as lines.
func lint(t *testing.T, in Input, kinds ...FindingKind) []string {
	t.Helper()
	findings, err := Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range findings {
		if slices.Contains(kinds, f.Kind) {
			lines = append(lines, f.String())
		}
	}
	return lines
}

func wantLines(t *testing.T, want, got []string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLintSameWording(t *testing.T) {
	in := Input{Entries: entries("a: Hello there", "a: hello  there!", "b: good bye", "c: Good bye.", "b: thanks")}
	wantLines(t, []string{
		`c.yaml:3:5: error: "good bye" stands in "b" and "c"; keep it in the one route it belongs to (conflict)`,
		`c.yaml:2:5: info: "hello  there!" stands in "a" already (c.yaml:1:5); remove it, it adds nothing (duplicate)`,
	}, lint(t, in, KindConflict, KindDuplicate))
}

func TestOnlyDuplicatesWithinARouteAreFixed(t *testing.T) {
	in := Input{Entries: entries("a: x y", "a: X y", "a: x y!", "b: x y", "b: z")}
	findings, err := Run(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	var fixes []Fix
	for _, f := range findings {
		if f.Fix != nil {
			fixes = append(fixes, *f.Fix)
		}
	}
	want := []Fix{
		{Remove: "X y", Route: "a", Position: &Position{"c.yaml", 2, 5}},
		{Remove: "x y!", Route: "a", Position: &Position{"c.yaml", 3, 5}},
	}
	if diff := cmp.Diff(want, fixes); diff != "" {
		t.Error(diff)
	}
}

func TestLintSizes(t *testing.T) {
	var list []Entry
	for route, n := range map[string]int{"few": 14, "small": 17, "b": 90, "c": 90, "d": 91, "huge": 451} {
		for i := range n {
			list = append(list, Entry{Route: route, Utterance: fmt.Sprint(route, i)})
		}
	}
	wantLines(t, []string{
		`warning: "few" has 14 utterances; add at least 1 more, worded as users would (thin_route)`,
		`warning: "small" has 17 utterances where the median route has 90; add some, or prompts will be drawn to the larger routes (unbalanced_route)`,
		`info: "huge" has 451 utterances where the median route has 90; it may draw prompts from the others: split it, or keep its most different utterances (unbalanced_route)`,
	}, lint(t, Input{Entries: list}, KindThin, KindUnbalanced))
}

// vote is a held-out prediction that is as far ahead as it is sure.
func vote(route string, probability float64) HeldOut {
	return HeldOut{Route: route, Probability: probability, Margin: probability}
}

// Two routes far from each other, with one utterance of a among those of b.
func misplacedInput() Input {
	in := Input{Entries: entries("a: astray")}
	in.Entries[0].Vector = angled(93)
	for i := range 10 {
		for route, degrees := range map[string]float64{"a": 0, "b": 90} {
			e := entries(fmt.Sprint(route, ": ", route, i))[0]
			e.Vector = angled(degrees + float64(i))
			in.Entries = append(in.Entries, e)
		}
	}
	for _, e := range in.Entries {
		in.HeldOut = append(in.HeldOut, vote(e.Route, .99))
	}
	in.HeldOut[0] = vote("b", .95)
	return in
}

func TestLintSaysToMoveOnlyWhereAllAgree(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Input)
		found  bool
	}{
		"all agree":                         {func(*Input) {}, true},
		"the vote is not sure":              {func(in *Input) { in.HeldOut[0].Probability = .85 }, false},
		"the vote is not far ahead":         {func(in *Input) { in.HeldOut[0].Margin = .5 }, false},
		"the vote is for its own route":     {func(in *Input) { in.HeldOut[0].Route = "a" }, false},
		"the vote is for none":              {func(in *Input) { in.HeldOut[0].Route = "" }, false},
		"its own route is near as well":     {func(in *Input) { in.Entries[1].Route, in.Entries[1].Vector = "a", angled(92) }, false},
		"the other route is not very near":  {func(in *Input) { in.Entries[0].Vector = angled(50) }, false},
		"its own route has few utterances":  {func(in *Input) { keepOf(in, "a", 4) }, false},
		"there are no vectors to ask":       {func(in *Input) { noVectors(in) }, false},
		"its own route has just enough, so": {func(in *Input) { keepOf(in, "a", 5) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			in := misplacedInput()
			c.change(&in)
			var want []string
			if c.found {
				want = []string{`c.yaml:1:5: warning: "astray" stands in "a", but the other utterances put it into "b" (95 %); move it there, or add more like it to "a" (outlier)`}
			}
			wantLines(t, want, lint(t, in, KindOutlier))
		})
	}
}

// keepOf keeps the first n entries of a route, and all others.
func keepOf(in *Input, route string, n int) {
	var entries []Entry
	var held []HeldOut
	for i, e := range in.Entries {
		if e.Route == route {
			if n == 0 {
				continue
			}
			n--
		}
		entries, held = append(entries, e), append(held, in.HeldOut[i])
	}
	in.Entries, in.HeldOut = entries, held
}

func noVectors(in *Input) {
	for i := range in.Entries {
		in.Entries[i].Vector = nil
	}
}

func TestLintRoutesWithoutModels(t *testing.T) {
	in := Input{Entries: entries("a: one"), Unserved: []string{"a"}}
	wantLines(t, []string{
		"warning: \"a\" names no models, so its prompts cannot be forwarded; give it `models:`, or leave the catalog's models out to decide only (route_without_models)",
	}, lint(t, in, KindUnserved))
}

func TestLintConfusedRoutes(t *testing.T) {
	in := Input{
		Entries: entries("a: a1", "a: a2", "a: a3", "b: b1", "b: b2", "c: c1", "c: c2", "d: d1", "d: d2"),
		HeldOut: []HeldOut{vote("b", .5), vote("a", .5), vote("a", .5), vote("a", .5), vote("b", .5), vote("d", .9), vote("d", .9), vote("d", .9), vote("d", .9)},
	}
	wantLines(t, []string{ // c is taken for d, but never the other way
		`warning: "a" and "b" cannot be told apart: 1 of 3 utterances of the first are taken for the second ("a1") and 1 of 2 the other way ("b1"); merge them, or add utterances that show the difference (confused_routes)`,
	}, lint(t, in, KindConfused))
}

// angled is the unit vector at an angle, in degrees.
func angled(degrees float64) []float32 {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return []float32{float32(cos), float32(sin)}
}

func TestLintNearDuplicates(t *testing.T) {
	list := entries("a: where is my card", "b: where is my car", "b: my plastic is gone", "a: where is my cart", "c: where is the moon")
	for i, degrees := range []float64{0, 10, 5, 1, 90} {
		list[i].Vector = angled(degrees)
	}
	wantLines(t, []string{ // the second is near to the first and fourth, and is told of once for each of them
		`c.yaml:1:5: warning: "where is my card" in "a" is almost "where is my car" in "b" (c.yaml:2:5) (similarity 0.98); move one, or word both so that they differ in what sets the routes apart (near_duplicate)`,
		`c.yaml:2:5: warning: "where is my car" in "b" is almost "where is my cart" in "a" (c.yaml:4:5) (similarity 0.99); move one, or word both so that they differ in what sets the routes apart (near_duplicate)`,
	}, lint(t, Input{Entries: list}, KindNearDuplicate))
}

func TestLintLeaks(t *testing.T) {
	list := entries("a: where is my card", "a: freeze it", "b: sing a song")
	for i, degrees := range []float64{0, 60, 120} {
		list[i].Vector = angled(degrees)
	}
	in := Input{Entries: list, Evaluation: []EvaluationPrompt{
		{Labelled: routes.Labelled{Text: "freeze it now", Route: "a", Line: 5}, Failure: errors.New("it hangs")}, // the others keep their places
		{Labelled: routes.Labelled{Text: "Where is my card?", Route: "a", Line: 1}, Vector: angled(0)},
		{Labelled: routes.Labelled{Text: "please freeze", Route: "b", Line: 2}, Vector: angled(61)},
		{Labelled: routes.Labelled{Text: "sing a song", Line: 3}, Vector: angled(120)},
		{Labelled: routes.Labelled{Text: "something else", Route: "b", Line: 4}, Vector: angled(90)},
	}}
	wantLines(t, []string{
		`c.yaml:1:5: error: "where is my card" of "a" is also evaluation data (line 1); take it out of one of them, or the measures flatter the catalog (leak)`,
		`c.yaml:3:5: error: "sing a song" of "b" is also evaluation data (line 3); take it out of one of them, or the measures flatter the catalog; there it is labelled as fitting no route (leak)`,
		`c.yaml:2:5: info: "freeze it" of "a" says what the evaluation prompt "please freeze" (line 2) says (similarity 1.00); measure on a prompt that is less like it; there it is labelled "b" (near_leak)`,
	}, lint(t, in, KindLeak, KindNearLeak))
	wantLines(t, []string{
		`warning: the evaluation prompt "freeze it now" (line 5) cannot be embedded, so only its wording was compared: it hangs (unembeddable)`,
	}, lint(t, in, KindUnembeddable))
}

func TestLintRefuses(t *testing.T) {
	nan := float32(math.NaN())
	for name, in := range map[string]Input{
		"predictions that do not fit": {Entries: entries("a: x", "a: y"), HeldOut: make([]HeldOut, 1)},
		"no probability":              {Entries: entries("a: x"), HeldOut: []HeldOut{vote("a", math.NaN())}},
		"another dimension":           {Entries: []Entry{{Vector: angled(0)}, {Vector: []float32{1}}}},
		"evaluation without vectors":  {Entries: []Entry{{Vector: angled(0)}}, Evaluation: make([]EvaluationPrompt, 1)},
		"a vector that is no number":  {Entries: []Entry{{Vector: []float32{nan}}}},
	} {
		if _, err := Run(context.Background(), in); !errors.Is(err, ErrInput) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if _, err := Run(stopped, Input{Entries: []Entry{{Vector: angled(0)}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestNothingToLintIsNoFinding(t *testing.T) {
	findings, err := Run(context.Background(), Input{})
	if err != nil || findings == nil || len(findings) != 0 {
		t.Errorf("got %v, %v", findings, err)
	}
}

func TestFindingJSON(t *testing.T) {
	findings, err := Run(context.Background(), Input{Entries: entries("a: 1", "a: 2", "a: 3", "a: 4", "a: five", "a: Five")})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(findings, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	evaltest.Golden(t, "findings.golden", string(text)+"\n")
}

// TestFindingsDoNotDependOnChance: neither the map of routes nor the number of
// processors shows.
func TestFindingsDoNotDependOnChance(t *testing.T) {
	in := randomLint(1500)
	first := lint(t, in, KindConflict, KindDuplicate, KindNearDuplicate, KindNearLeak, KindLeak, KindOutlier, KindConfused)
	if len(first) == 0 {
		t.Fatal("nothing was found")
	}
	for range 3 {
		wantLines(t, first, lint(t, in, KindConflict, KindDuplicate, KindNearDuplicate, KindNearLeak, KindLeak, KindOutlier, KindConfused))
	}
}

func randomLint(n int) Input {
	random := rand.New(rand.NewPCG(8, 9))
	var in Input
	for i := range n {
		v := []float32{float32(random.NormFloat64()), float32(random.NormFloat64()), float32(random.NormFloat64()), float32(random.NormFloat64())}
		vec.Normalize(v)
		text := fmt.Sprint("utterance number ", random.IntN(n))
		in.Entries = append(in.Entries, Entry{Route: fmt.Sprint("r", i%7), Utterance: text, Vector: v})
		in.HeldOut = append(in.HeldOut, vote(fmt.Sprint("r", random.IntN(7)), random.Float64()))
		if i%9 == 0 {
			in.Evaluation = append(in.Evaluation, EvaluationPrompt{Labelled: routes.Labelled{Text: text, Route: "r1"}, Vector: v})
		}
	}
	return in
}

// TestNearestKeepsTheBest compares the blocks with one plain loop.
func TestNearestKeepsTheBest(t *testing.T) {
	in := randomLint(blockRows + 100)
	m := matrix{row: func(i int) []float32 { return in.Entries[i].Vector }, dim: 4, n: len(in.Entries)}
	wanted := func(a, b int) bool { return in.Entries[a].Route != in.Entries[b].Route }
	got, err := m.nearest(context.Background(), &m, .9, wanted)
	if err != nil {
		t.Fatal(err)
	}
	for q := range m.n {
		var all []near
		for row := range m.n {
			if s := vec.Dot(m.row(q), m.row(row)); s >= .9 && wanted(q, row) {
				all = append(all, near{row, s})
			}
		}
		slices.SortStableFunc(all, func(a, b near) int {
			switch {
			case a.similarity > b.similarity:
				return -1
			case a.similarity < b.similarity:
				return 1
			}
			return 0
		})
		if diff := cmp.Diff(all[:min(len(all), maxNear)], got[q], cmp.AllowUnexported(near{})); diff != "" && len(all) > 0 {
			t.Fatalf("query %d: %s", q, diff)
		}
	}
}

func TestNormalise(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"  Where IS\tmy\ncard?? ", "where is my card"},
		{"ﬁne", "fine"},
		{"STRASSE", "strasse"},
		{"Straße", "strasse"},
		{"it's", "it's"},
		{"???", "???"},
		{"a\x00b", "a b"},
		{"", ""},
	} {
		if got := normalise(c.text); got != c.want {
			t.Errorf("%q gives %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add("  Hello, World! ")
	f.Add("\u0130\xffé")
	f.Fuzz(func(t *testing.T, text string) {
		normal := normalise(text)
		if strings.ContainsAny(normal, "\n\t\x00") || strings.HasPrefix(normal, " ") || strings.HasSuffix(normal, " ") {
			t.Fatalf("%q gives %q", text, normal)
		}
		if s := editSimilarity(text, normal); !eval.IsProbability(s) {
			t.Fatalf("similarity %v", s)
		}
	})
}

func TestEditSimilarity(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"card", "card", 1}, {"card", "car", .75}, {"abc", "xyz", 0}, {"", "", 1}, {"", "ab", 0}, {"kitten", "sitting", 1 - 3./7}} {
		if got := editSimilarity(c.a, c.b); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%q and %q: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func BenchmarkLint(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	var in Input
	for i := range 15000 {
		v := make([]float32, 256)
		for k := range v {
			v[k] = float32(random.NormFloat64())
		}
		vec.Normalize(v)
		in.Entries = append(in.Entries, Entry{Route: fmt.Sprint(i % 150), Utterance: fmt.Sprint("utterance ", i*7919), Vector: v})
	}
	for b.Loop() {
		if _, err := Run(context.Background(), in); err != nil {
			b.Fatal(err)
		}
	}
}

func TestUtterancesThatFitNoRouteAreNoRoute(t *testing.T) {
	in := Input{
		Entries: entries("a: one", "a: two", ": One!", ": three"),
		HeldOut: []HeldOut{vote("", .9), vote("a", .9), vote("a", .5), vote("a", .9)},
	}
	wantLines(t, []string{
		`c.yaml:3:5: error: "One!" stands in none and "a"; keep it in the one route it belongs to (conflict)`,
		`warning: "a" has 2 utterances; add at least 13 more, worded as users would (thin_route)`,
	}, lint(t, in, KindConflict, KindOutlier, KindThin, KindConfused))
}

// TestHopelessCatalog: when everything is the same, work and findings stay bounded.
func TestHopelessCatalog(t *testing.T) {
	var in Input
	for i := range 2000 {
		in.Entries = append(in.Entries, Entry{Route: fmt.Sprint("r", i), Utterance: fmt.Sprint("same words ", i), Vector: angled(0)})
	}
	if n := len(lint(t, in, KindNearDuplicate)); n == 0 || n > len(in.Entries) {
		t.Errorf("%d findings", n)
	}
}
