package classify

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// towns makes examples whose routes differ in their vectors and their words;
// noise says how much of a vector is chance.
func towns(routes, each, dim int, noise float32) Examples {
	rng := rand.New(rand.NewPCG(7, uint64(routes)))
	var e Examples
	for r := range routes {
		e.Routes = append(e.Routes, fmt.Sprintf("route_%c%d", 'a'+r%26, r))
		middle := unit(rng, nil, 0, dim)
		for k := range each {
			e.Texts = append(e.Texts, fmt.Sprintf("please show me thing%d number %d today", r, k))
			e.Labels = append(e.Labels, int32(r))
			e.Vectors = append(e.Vectors, unit(rng, middle, noise, dim))
		}
	}
	return e
}

// unit is middle plus noise, or chance alone, of unit length.
func unit(rng *rand.Rand, middle []float32, noise float32, dim int) []float32 {
	v := make([]float32, dim)
	sum := 0.0
	for i := range v {
		v[i] = float32(rng.NormFloat64())
		if middle != nil {
			v[i] = middle[i] + noise*v[i]/float32(math.Sqrt(float64(dim)))
		}
		sum += float64(v[i]) * float64(v[i])
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(sum))
	}
	return v
}

func mustTrain(t testing.TB, e Examples, c Config) *Model {
	t.Helper()
	m, err := Train(context.Background(), e, c)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// decide asks the model with the true neighbours of all leaders.
func decide(t testing.TB, m *Model, s *Scratch, e *Examples, text string, vector []float32) Verdict {
	t.Helper()
	leaders, err := m.Score(s, text, vector)
	if err != nil {
		t.Fatal(err)
	}
	var near []Neighbour
	for _, l := range leaders {
		for i, r := range e.Labels {
			if r == l.Route {
				near = append(near, Neighbour{r, dot(vector, e.Vectors[i])})
			}
		}
	}
	return *m.Confidence(s, near)
}

func dot(a, b []float32) (sum float32) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func TestTrainLearnsAndKnowsWhatIsOutOfScope(t *testing.T) {
	e := towns(12, 12, 48, 1)
	m := mustTrain(t, e, Config{})
	s := m.NewScratch()
	rng := rand.New(rand.NewPCG(1, 1))
	right, outside, own := 0, 0.0, 0.0
	for i, text := range e.Texts {
		v := unit(rng, e.Vectors[i], .7, 48)
		got := decide(t, m, s, &e, text+" again", v)
		if got.Route == e.Labels[i] {
			right++
		}
		own += float64(got.Confidence)
		outside += float64(decide(t, m, s, &e, "qqq www", unit(rng, nil, 0, 48)).Confidence)
	}
	n := float64(len(e.Texts))
	if float64(right) < .97*n {
		t.Errorf("%d of %v right", right, n)
	}
	if own/n < .8 || outside/n > .5 {
		t.Errorf("mean confidence %.2f on own prompts, %.2f on out-of-scope prompts", own/n, outside/n)
	}
}

func TestTrainIsDeterministicWhateverTheWorkers(t *testing.T) {
	e := towns(9, 6, 16, 1)
	var first []byte
	for _, workers := range []int{1, 2, 5} {
		b, err := mustTrain(t, e, Config{Workers: workers, Seed: 3}).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b
		}
		if !cmp.Equal(first, b) {
			t.Fatalf("%d workers give other bytes than 1", workers)
		}
	}
}

func TestTrainRefuses(t *testing.T) {
	change := func(f func(*Examples)) Examples {
		e := towns(3, 3, 8, 1)
		f(&e)
		return e
	}
	for name, tc := range map[string]struct {
		e    Examples
		c    Config
		want error
	}{
		"nothing":                           {Examples{}, Config{}, ErrNoExamples},
		"no utterances":                     {Examples{Routes: []string{"a"}}, Config{}, ErrNoExamples},
		"a label too high":                  {change(func(e *Examples) { e.Labels[0] = 3 }), Config{}, ErrBadExamples},
		"a label too low":                   {change(func(e *Examples) { e.Labels[0] = -2 }), Config{}, ErrBadExamples},
		"an empty route":                    {change(func(e *Examples) { e.Routes = append(e.Routes, "b") }), Config{}, ErrBadExamples},
		"a missing vector":                  {change(func(e *Examples) { e.Vectors = e.Vectors[1:] }), Config{}, ErrBadExamples},
		"a short vector":                    {change(func(e *Examples) { e.Vectors[4] = e.Vectors[4][1:] }), Config{}, ErrBadExamples},
		"NaN":                               {change(func(e *Examples) { e.Vectors[4][0] = float32(math.NaN()) }), Config{}, ErrBadExamples},
		"a long vector":                     {change(func(e *Examples) { e.Vectors[4][0] = 9 }), Config{}, ErrBadExamples},
		"vectors of nothing":                {change(func(e *Examples) { e.Vectors[0] = nil }), Config{}, ErrBadExamples},
		"one name of three":                 {change(func(e *Examples) { e.NameVectors = e.Vectors[:1] }), Config{}, ErrBadExamples},
		"one fold":                          {change(func(*Examples) {}), Config{Folds: 1}, ErrBadExamples},
		"nothing but out-of-scope examples": {Examples{Routes: []string{"a"}, Texts: []string{"x"}, Labels: []int32{None}, Vectors: [][]float32{{1}}}, Config{}, ErrBadExamples},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Train(context.Background(), tc.e, tc.c); !errors.Is(err, tc.want) {
				t.Errorf("got %v, want %v", err, tc.want)
			}
		})
	}
}

func TestTrainStopsWhenTold(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Train(ctx, towns(9, 4, 8, 1), Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestTrainReportsProgress(t *testing.T) {
	last := map[string]float64{}
	mustTrain(t, towns(4, 4, 8, 1), Config{Progress: func(stage string, done float64) {
		if done <= last[stage] || done > 1 {
			t.Errorf("%s: %v after %v", stage, done, last[stage])
		}
		last[stage] = done
	}})
	if diff := cmp.Diff(map[string]float64{"choosing n-gram weight": 1, "choosing regularisation": 1, "training": 1}, last); diff != "" {
		t.Error(diff)
	}
}

// TestDegenerateExamples wants a usable verdict from the poorest of catalogs.
func TestDegenerateExamples(t *testing.T) {
	same := towns(3, 4, 8, 1)
	for i := range same.Texts {
		same.Texts[i], same.Vectors[i] = "the same", same.Vectors[0]
	}
	empty := towns(3, 3, 8, 1)
	for i := range empty.Texts {
		empty.Texts[i], empty.Vectors[i] = "", make([]float32, 8)
	}
	strange := towns(3, 3, 8, 1)
	strange.Texts[0], strange.Texts[1] = "\x00\x01\xff\xfe", strings.Repeat("lorem \u202e", 100_000)
	lone := towns(2, 2, 8, 1)
	lone.Texts, lone.Labels, lone.Vectors = lone.Texts[1:], lone.Labels[1:], lone.Vectors[1:]
	none := towns(4, 5, 8, 1)
	none.Labels[19] = None
	named := towns(4, 2, 8, 1)
	named.NameVectors = named.Vectors[:4]
	for name, e := range map[string]Examples{
		"one route":               towns(1, 5, 8, 1),
		"one utterance":           towns(1, 1, 8, 1),
		"two routes":              towns(2, 2, 8, 1),
		"two utterances a route":  towns(20, 2, 8, 1),
		"one utterance a route":   towns(20, 1, 8, 1),
		"a route of one":          lone,
		"all identical":           same,
		"empty texts, no vectors": empty,
		"control characters":      strange,
		"with none: examples":     none,
		"with names":              named,
		"one dimension":           towns(3, 3, 1, 1),
	} {
		t.Run(name, func(t *testing.T) {
			m := mustTrain(t, e, Config{})
			s := m.NewScratch()
			for _, text := range []string{"", e.Texts[0], "\x00", strings.Repeat("a b", 400_000)} {
				for _, v := range [][]float32{e.Vectors[0], make([]float32, len(e.Vectors[0]))} {
					sane(t, decide(t, m, s, &e, text, v), len(e.Routes))
				}
			}
			if _, err := m.Score(s, "no neighbours", e.Vectors[0]); err != nil {
				t.Fatal(err)
			}
			sane(t, *m.Confidence(s, nil), len(e.Routes))
			for _, p := range m.HeldOut() {
				if p.Confidence <= 0 || p.Confidence > 1 {
					t.Fatalf("held out: %+v", p)
				}
			}
		})
	}
}

// sane wants probabilities that are numbers, ordered, and sum to at most 1.
func sane(t *testing.T, v Verdict, routes int) {
	t.Helper()
	sum, last := 0.0, float32(1)
	for _, c := range v.Candidates[:v.N] {
		if !(c.Probability >= 0 && c.Probability <= last) || c.Route < 0 || int(c.Route) >= routes {
			t.Fatalf("candidate %+v after %v", c, last)
		}
		sum += float64(c.Probability)
		last = c.Probability
	}
	if v.N != min(routes, Leaders) || sum > 1.00001 || v.Route != v.Candidates[0].Route {
		t.Fatalf("verdict %+v, sum %v", v, sum)
	}
	if !(v.Known >= 0 && v.Known <= 1) || !(v.Margin >= 0 && v.Margin <= v.Confidence) {
		t.Fatalf("verdict %+v", v)
	}
}

func TestOutOfScopeExamplesAreLearnt(t *testing.T) {
	e := towns(12, 10, 32, 1)
	rng := rand.New(rand.NewPCG(5, 5))
	odd := unit(rng, nil, 0, 32)
	for range 30 {
		e.Texts = append(e.Texts, "weather gossip")
		e.Labels = append(e.Labels, None)
		e.Vectors = append(e.Vectors, unit(rng, odd, .5, 32))
	}
	m := mustTrain(t, e, Config{})
	outOfScope := 0
	for _, p := range m.HeldOut() {
		if p.Label == None {
			outOfScope++
			if p.Right() {
				t.Error("an out-of-scope example cannot be right")
			}
		}
	}
	if outOfScope != 30 {
		t.Errorf("%d out-of-scope examples held out, want 30", outOfScope)
	}
}

func TestManyRoutesFallBackOnPrototypes(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	e := towns(10_000, 2, 8, .1)
	m := mustTrain(t, e, Config{})
	s := m.NewScratch()
	right := 0
	for i := 0; i < len(e.Texts); i += 997 {
		if decide(t, m, s, &e, e.Texts[i], e.Vectors[i]).Route == e.Labels[i] {
			right++
		}
	}
	if right < 15 {
		t.Errorf("%d of 21 right", right)
	}
}

func TestScoreRefusesABadVector(t *testing.T) {
	e := towns(3, 3, 8, 1)
	m := mustTrain(t, e, Config{})
	s := m.NewScratch()
	nan, inf := make([]float32, 8), make([]float32, 8)
	nan[3], inf[3] = float32(math.NaN()), float32(math.Inf(1))
	for name, v := range map[string][]float32{"short": nan[:7], "NaN": nan, "infinite": inf} {
		if _, err := m.Score(s, "x", v); !errors.Is(err, ErrVector) {
			t.Errorf("%s: got %v, want %v", name, err, ErrVector)
		}
		if v := m.Confidence(s, nil); v.Route != None || v.N != 0 {
			t.Errorf("%s: verdict after an error: %+v", name, v)
		}
	}
}

func TestQueryAllocatesNothing(t *testing.T) {
	e := towns(20, 4, 16, 1)
	m := mustTrain(t, e, Config{})
	s := m.NewScratch()
	near := []Neighbour{{1, .5}, {2, .4}}
	query := func() {
		if _, err := m.Score(s, e.Texts[5], e.Vectors[5]); err != nil {
			t.Fatal(err)
		}
		m.Confidence(s, near)
	}
	query()
	if n := testing.AllocsPerRun(50, query); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestWords(t *testing.T) {
	for name, want := range map[string]string{
		"card_arrival": "card arrival", "CardArrival": "card arrival", "apple-pay.v2": "apple pay v2",
		"HTTPError": "httperror", "42": "", "": "", "größe_ändern": "größe ändern",
	} {
		if got := Words(name); got != want {
			t.Errorf("Words(%q) = %q, want %q", name, got, want)
		}
	}
}

func BenchmarkScore(b *testing.B) {
	e := towns(150, 20, 384, 1)
	m := mustTrain(b, e, Config{})
	s := m.NewScratch()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Score(s, e.Texts[77], e.Vectors[77]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConfidence(b *testing.B) {
	e := towns(20, 20, 16, 1)
	m := mustTrain(b, e, Config{})
	s := m.NewScratch()
	leaders, _ := m.Score(s, e.Texts[5], e.Vectors[5])
	var near []Neighbour
	for _, l := range leaders {
		for k := range NeighboursPerRoute {
			near = append(near, Neighbour{l.Route, 1 - float32(k)/10})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Confidence(s, near)
	}
}
