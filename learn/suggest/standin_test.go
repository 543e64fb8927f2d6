package suggest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/semroute/semroute/internal/vec"
)

func randomUnit(rng *rand.Rand, dim int) []float32 {
	v := make([]float32, dim)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	vec.Normalize(v)
	return v
}

// The effect of one more example is that of learning it from the beginning.
func TestAnEffectIsWhatLearningAnewGives(t *testing.T) {
	const dim, routes, n = 12, 4, 80
	rng := rand.New(rand.NewPCG(1, 2))
	examples, texts := make([]example, n), make([]string, n)
	for i := range examples {
		v := randomUnit(rng, dim)
		v[i%routes] += .5
		vec.Normalize(v)
		examples[i] = example{v, i % routes}
	}
	m, err := newMeasurer(examples, texts, n, routes)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		c := change{vector: randomUnit(rng, dim), to: rng.IntN(routes), from: -1, load: 3}
		if got, want := m.measure(c, nil), learntAnew(t, m, c); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

// learntAnew measures a change by inverting each part's scatter again.
func learntAnew(t *testing.T, m *measurer, c change) Effect {
	t.Helper()
	d, routes := m.standIn.dim, m.standIn.routes
	var e Effect
	for f := range parts {
		scatter, right := make([]float64, d*d), make([]float32, routes*d)
		learn := func(vector []float32, label int, load float32) {
			for a := range d {
				for b := range d {
					scatter[a*d+b] += float64(load) * float64(vector[a]) * float64(vector[b])
				}
			}
			vec.Axpy(load, vector, right[label*d:(label+1)*d])
		}
		for i, x := range m.examples {
			if i%parts != f {
				learn(x.vector, x.label, m.standIn.loads[x.label])
			}
		}
		learn(c.vector, c.to, c.load)
		for a := range d {
			scatter[a*d+a] += ridge
		}
		inverse, err := invert(scatter, d)
		if err != nil {
			t.Fatal(err)
		}
		for i := f; i < len(m.examples); i += parts {
			scores, weights := make([]float32, routes), make([]float32, d)
			for r := range scores {
				vec.DotRows(weights, inverse, d, right[r*d:(r+1)*d])
				scores[r] = vec.Dot(weights, m.examples[i].vector)
			}
			after, _ := lead(scores)
			e.Measured++
			e.count(m.leading[i] == m.examples[i].label, after == m.examples[i].label)
		}
	}
	return e
}

func TestInvert(t *testing.T) {
	const d = 9
	rng := rand.New(rand.NewPCG(3, 4))
	m := make([]float64, d*d)
	for range 3 * d {
		v := randomUnit(rng, d)
		for a := range d {
			for b := range d {
				m[a*d+b] += float64(v[a]) * float64(v[b])
			}
		}
	}
	whole := append([]float64(nil), m...)
	inverse, err := invert(m, d)
	if err != nil {
		t.Fatal(err)
	}
	for a := range d {
		for b := range d {
			sum := 0.0
			for k := range d {
				sum += whole[a*d+k] * float64(inverse[k*d+b])
			}
			want := 0.0
			if a == b {
				want = 1
			}
			if math.Abs(sum-want) > 1e-4 {
				t.Fatalf("element %d, %d of the product is %v", a, b, sum)
			}
		}
	}
	if _, err := invert(make([]float64, 4), 2); err == nil {
		t.Error("a matrix of zeros was inverted")
	}
}
