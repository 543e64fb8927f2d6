package quality

import (
	"math"
	"testing"
)

// TestSolveFindsTheLeast: at the solution the gradient of the ridge
// regression's error is 0, also when it began somewhere else.
func TestSolveFindsTheLeast(t *testing.T) {
	texts := []string{"one 1", "two 2 2", "three 3 is it?", "four", "five of them", "six % $"}
	targets := []float64{0, 1, 0.5, 1, 0, 1}
	var rows []description
	for i, text := range texts {
		rows = append(rows, describe(text, []float32{float32(i), float32(i * i)}))
	}
	s := fitScaler(rows, 2)
	for i := range rows {
		rows[i] = s.apply(rows[i])
	}
	p := problem{rows: rows, gramMean: s.GramMean, strength: 0.7}
	first := p.solve(targets, nil)
	weaker := problem{rows: rows, gramMean: s.GramMean, strength: 70}
	for name, w := range map[string]*weights{"from nothing": first, "from elsewhere": p.solve(targets, weaker.solve(targets, nil))} {
		for j := range w.Dense {
			slope := p.strength * w.Dense[j]
			for i, row := range rows {
				slope += (w.at(row) - targets[i]) * row.dense[j]
			}
			if math.Abs(slope) > 1e-4 {
				t.Errorf("%s: slope %v at feature %d", name, slope, j)
			}
		}
		miss := 0.0
		for i, row := range rows {
			miss += w.at(row) - targets[i]
		}
		if math.Abs(miss) > 1e-6 {
			t.Errorf("%s: it is off by %v on the whole", name, miss)
		}
	}
}

func TestShape(t *testing.T) {
	words, shape := scan("Anna has 1,200.50 dollars. Is 5% of it $60?\n(5)")
	want := map[int]float64{
		shapeRunes: 47, shapeDigits: 10, shapeNumbers: 4, shapeDistinctNumbers: 3, shapeDecimals: 1,
		shapeLogLargest: math.Log1p(1200.5), shapeQuestions: 1, shapePercents: 1, shapeMoney: 1, shapeCommas: 1,
		shapeSentences: 3, shapeNames: 2, shapeLines: 1, shapeBrackets: 1,
	}
	for kind, value := range want {
		if math.Abs(shape[kind]-value) > 1e-9 {
			t.Errorf("shape %d is %v, want %v", kind, shape[kind], value)
		}
	}
	if len(words) != 15 || words[0] != "anna" || words[len(words)-1] != "5" {
		t.Errorf("%d words: %q", len(words), words)
	}
}
