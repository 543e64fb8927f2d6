package classify

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestConfidenceIsTheShareOfRightDecisions asks a model of blurred routes.
func TestConfidenceIsTheShareOfRightDecisions(t *testing.T) {
	e := towns(10, 60, 24, 5)
	for i := range e.Texts {
		e.Texts[i] = "the same words"
	}
	m := mustTrain(t, e, Config{})
	var count, sure, right [10]float64
	for _, p := range m.HeldOut() {
		b := min(9, int(p.Confidence*10))
		count[b]++
		sure[b] += float64(p.Confidence)
		if p.Right() {
			right[b]++
		}
	}
	n, gap := 0.0, 0.0
	for b := range count {
		n += count[b]
		gap += math.Abs(sure[b] - right[b])
	}
	if int(n) != len(e.Texts) || gap/n > .06 {
		t.Errorf("calibration error %.3f over %v decisions", gap/n, n)
	}
}

func TestFusionLeansOnWhatIsRight(t *testing.T) {
	for name, clue := range map[string]int{"logit": 0, "nearest": 1, "mean of 3": 2} {
		var held []evidence
		var labels []int32
		for i := range 400 {
			e := evidence{n: 3, routes: [Leaders]int32{4, 5, 6}}
			for r := range 3 {
				for c := range clues {
					e.x[r][c] = float32(math.Sin(float64(i*(c+2) + 7*r))) // says nothing
				}
			}
			right := i % 3
			if i%10 > 0 {
				e.x[right][clue] += 2
			}
			held, labels = append(held, e), append(labels, int32(4+right))
		}
		f := fitFusion(held, labels)
		for c, w := range f {
			if c != clue && math.Abs(w) > f[clue]/2 {
				t.Errorf("%s: weights %v", name, f)
			}
		}
	}
}

func TestJudgeOfExtremes(t *testing.T) {
	f := fusion{1, 10, 5, -3}
	e := evidence{n: 2, routes: [Leaders]int32{0, 1}}
	e.x[0] = [clues]float32{1e30, 1, 1, 1}
	e.x[1] = [clues]float32{-1e30, -1, -1, -1}
	if o := f.judge(&e); o.best != 0 || o.prob[0] != 1 || o.odds != 14 {
		t.Errorf("%+v", o)
	}
	if o := (&fusion{}).judge(&e); o.prob[0] != .5 || o.odds != 0 {
		t.Errorf("no weights: %+v", o)
	}
}

func TestGateIsNeverLowerForNearer(t *testing.T) {
	list := func(nearest, logit float64) (out []opinion) {
		for i := range 50 {
			d := math.Sin(float64(i)) / 10
			out = append(out, opinion{nearest: nearest + d, logit: logit + 10*d})
		}
		return out
	}
	for name, g := range map[string]gate{
		"apart":          fitGate(list(.8, 9), outsiders{left: list(.4, 2)}, true),
		"upside down":    fitGate(list(.4, 2), outsiders{left: list(.8, 9)}, true),
		"logit misleads": fitGate(list(.8, 2), outsiders{beside: list(.4, 9)}, true),
		"given only":     fitGate(list(.8, 9), outsiders{given: list(.4, 2)}, false),
		"nothing":        fitGate(list(.8, 9), outsiders{}, false),
		"not even that":  fitGate(nil, outsiders{}, false),
		"all kinds":      fitGate(list(.8, 9), outsiders{list(.7, 4), list(.4, 2), list(.5, 3)}, true),
	} {
		if g.nearest <= 0 || g.logit < 0 || g.foreign < 0 || math.IsNaN(g.constant) {
			t.Errorf("%s: %+v", name, g)
		}
	}
}

func TestPickPrefersTheFirstUnlessBeaten(t *testing.T) {
	row := func(s string) []bool {
		out := make([]bool, len(s))
		for i := range s {
			out[i] = s[i] == '1'
		}
		return out
	}
	for name, tc := range map[string]struct {
		right []string
		want  int
	}{
		"equal":      {[]string{"1100", "1100"}, 0},
		"one better": {[]string{"110000000000", "110011110000"}, 1},
		"by chance":  {[]string{"1111000000000000", "0000111110000000"}, 0},
		"nothing":    {[]string{"", ""}, 0},
	} {
		var right [][]bool
		for _, s := range tc.right {
			right = append(right, row(s))
		}
		if got := pick(right); got != tc.want {
			t.Errorf("%s: %d, want %d", name, got, tc.want)
		}
	}
}

func TestAssignFolds(t *testing.T) {
	labels := []int32{0, 0, 0, 0, 0, 1, None, 2, 2}
	fold := assignFolds(labels, 3, 4, 1)
	count := map[int32]map[int]int{}
	for i, f := range fold {
		if count[labels[i]] == nil {
			count[labels[i]] = map[int]int{}
		}
		count[labels[i]][f]++
	}
	for f, n := range count[0] {
		if f < 0 || n > 2 {
			t.Errorf("fold %d of route 0 has %d", f, n)
		}
	}
	if diff := cmp.Diff(map[int]int{always: 1}, count[1]); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[int]int{always: 1}, count[None]); diff != "" {
		t.Error(diff)
	}
	if len(count[2]) != 2 {
		t.Errorf("two examples in one fold: %v", count[2])
	}
}
