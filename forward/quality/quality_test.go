package quality_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/routes"
)

// exam is a set of outcomes in which the cheap model fails on prompts with
// many numbers and on those of one direction of the vector; the dear one knows
// nearly everything.
func exam(n int) []quality.Outcome {
	random := rand.New(rand.NewPCG(1, 2))
	topics := []string{"apples", "trains", "paint", "money"}
	list := make([]quality.Outcome, n)
	for i := range list {
		vector := make([]float32, 8)
		for j := range vector {
			vector[j] = float32(random.NormFloat64())
		}
		numbers := random.IntN(8)
		text := "Tell me about " + topics[random.IntN(len(topics))]
		for range numbers {
			text += fmt.Sprintf(" and %d", random.IntN(100))
		}
		cheap := 1.0
		if float64(numbers)-3.5+2*float64(vector[0]) > 0 {
			cheap = 0
		}
		dear := 1.0
		if random.Float64() < 0.05 {
			dear = 0
		}
		list[i] = quality.Outcome{Text: text + "?", Vector: vector, Scores: map[string]float64{"cheap": cheap, "dear": dear}}
	}
	return list
}

var costs = map[string]float64{"cheap": 1, "dear": 10}

func TestLearnsWhatAModelCannotDo(t *testing.T) {
	outcomes := exam(400)
	predictions, err := quality.CrossValidate(outcomes, quality.Config{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := quality.Evaluate(outcomes, predictions, costs)
	if err != nil {
		t.Fatal(err)
	}
	if e.Best.Model != "dear" || e.Cheapest.Model != "cheap" || e.Prompts != 400 {
		t.Errorf("compared %+v with %+v", e.Best, e.Cheapest)
	}
	// Half of the prompts need the dear model: perfect would be about 0.75.
	if e.APGR < 0.68 || e.CPT50 > 0.33 || e.At80.SavingToBest < 30 || e.At80.SavingToChance < 20 {
		t.Errorf("APGR %.3f, CPT50 %.3f, at 80 %%: %+v", e.APGR, e.CPT50, e.At80)
	}
	if e.CalibrationError > 0.1 {
		t.Errorf("calibration error is %.3f", e.CalibrationError)
	}
}

func TestPredictions(t *testing.T) {
	outcomes := exam(300)
	m, err := quality.Train(outcomes, quality.Config{})
	if err != nil {
		t.Fatal(err)
	}
	easy := m.Predict("Tell me about apples?", []float32{-1, 0, 0, 0, 0, 0, 0, 0})
	hard := m.Predict("Tell me about apples and 1 and 2 and 3 and 4 and 5 and 6 and 7?", []float32{1, 0, 0, 0, 0, 0, 0, 0})
	if easy["cheap"] < 0.7 || hard["cheap"] > 0.3 || hard["dear"] < 0.8 {
		t.Errorf("easy %v, hard %v", easy, hard)
	}
	without := m.Predict("Tell me about apples and 1 and 2 and 3 and 4 and 5 and 6 and 7?", nil)
	if without["cheap"] > 0.5 {
		t.Errorf("without a vector: %v", without)
	}
	for _, p := range []map[string]float64{easy, hard, without, m.Predict("", nil), m.Predict(strings.Repeat("9", 100_000), nil)} {
		for name, q := range p {
			if !(q >= 0 && q <= 1) {
				t.Errorf("%s: %v", name, q)
			}
		}
	}
	want(t, "names", []string{"cheap", "dear"}, m.Names())
	if m.Dimension() != 8 {
		t.Errorf("dimension is %d", m.Dimension())
	}
}

func want(t *testing.T, name string, want, got any, options ...cmp.Option) {
	t.Helper()
	if diff := cmp.Diff(want, got, options...); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestTrainingIsRepeatable(t *testing.T) {
	outcomes := exam(100)
	var files [2]bytes.Buffer
	for i := range files {
		m, err := quality.Train(outcomes, quality.Config{Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Save(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two trainings differ")
	}
}

func TestSaveAndLoad(t *testing.T) {
	outcomes := exam(60)
	m, err := quality.Train(outcomes, quality.Config{})
	if err != nil {
		t.Fatal(err)
	}
	m.Embedder = "some embedder"
	var file bytes.Buffer
	if err := m.Save(&file); err != nil {
		t.Fatal(err)
	}
	stored := file.String()
	back, err := quality.Load(strings.NewReader(stored))
	if err != nil {
		t.Fatal(err)
	}
	want(t, "prediction", m.Predict(outcomes[0].Text, outcomes[0].Vector), back.Predict(outcomes[0].Text, outcomes[0].Vector))
	want(t, "embedder", "some embedder", back.Embedder)
	for name, text := range map[string]string{
		"not JSON":      "{",
		"nothing":       "{}",
		"another shape": `{"version":1,"scaler":{"vector":3}}`,
		"half of it":    stored[:len(stored)/2],
		"no weights":    strings.Replace(stored, `"models":{"cheap":{`, `"models":{"other":null,"cheap":{`, 1),
	} {
		if _, err := quality.Load(strings.NewReader(text)); !errors.Is(err, quality.ErrModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAModelThatWasNotAlwaysTried(t *testing.T) {
	outcomes := exam(120)
	for i := range outcomes {
		if i%3 == 0 {
			delete(outcomes[i].Scores, "dear")
		}
		if i < 3 {
			outcomes[i].Scores["rare"] = 1
		}
	}
	m, err := quality.Train(outcomes, quality.Config{})
	if err != nil {
		t.Fatal(err)
	}
	want(t, "names", []string{"cheap", "dear"}, m.Names())
	predictions, err := quality.CrossValidate(outcomes, quality.Config{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := quality.Evaluate(outcomes, predictions, costs)
	if err != nil || e.Prompts != 80 {
		t.Errorf("%d prompts, %v", e.Prompts, err)
	}
}

// TestMeasures checks the measures against a case small enough for paper: the
// gain is 1 on prompts 0 and 2, 0 on the others.
func TestMeasures(t *testing.T) {
	outcomes := make([]quality.Outcome, 4)
	for i := range outcomes {
		cheap := float64(i % 2)
		outcomes[i] = quality.Outcome{Text: "x", Scores: map[string]float64{"cheap": cheap, "dear": 1}}
	}
	guess := func(gains ...float64) []map[string]float64 {
		list := make([]map[string]float64, len(gains))
		for i, g := range gains {
			list[i] = map[string]float64{"cheap": 0.5, "dear": 0.5 + g}
		}
		return list
	}
	cases := []struct {
		name        string
		predictions []map[string]float64
		want        quality.Evaluation
	}{
		{"knows", guess(0.4, 0.1, 0.3, 0.2), quality.Evaluation{
			APGR: 0.75, CPT50: 0.25, CPT80: 0.4,
			AtBestQuality: quality.Mix{Share: 0.5, Quality: 1, Cost: 5.5, SavingToBest: 45, SavingToChance: 45},
		}},
		{"all alike is chance", guess(0.1, 0.1, 0.1, 0.1), quality.Evaluation{
			APGR: 0.5, CPT50: 0.5, CPT80: 0.8,
			AtBestQuality: quality.Mix{Share: 1, Quality: 1, Cost: 10},
		}},
		{"all wrong", guess(0.1, 0.4, 0.2, 0.3), quality.Evaluation{
			APGR: 0.25, CPT50: 0.75, CPT80: 0.9,
			AtBestQuality: quality.Mix{Share: 1, Quality: 1, Cost: 10},
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := quality.Evaluate(outcomes, c.predictions, costs)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "best", quality.Alone{Model: "dear", Quality: 1, Cost: 10}, got.Best)
			want(t, "cheapest", quality.Alone{Model: "cheap", Quality: 0.5, Cost: 1}, got.Cheapest)
			short := quality.Evaluation{APGR: got.APGR, CPT50: got.CPT50, CPT80: got.CPT80, AtBestQuality: got.AtBestQuality}
			want(t, "measures", c.want, short, cmpopts.EquateApprox(0, 1e-9))
			first, last := got.Curve[0], got.Curve[len(got.Curve)-1]
			want(t, "curve", [2]quality.Point{{Cost: 1, Quality: 0.5, Chance: 0.5}, {Share: 1, Cost: 10, Quality: 1, Chance: 1}}, [2]quality.Point{first, last})
		})
	}
}

func TestNothingToCompare(t *testing.T) {
	outcomes := exam(30)
	predictions := make([]map[string]float64, 30)
	for name, c := range map[string]map[string]float64{
		"no prices":                {},
		"one price":                {"dear": 1},
		"best is the cheapest too": {"dear": 1, "cheap": 2},
	} {
		if _, err := quality.Evaluate(outcomes, predictions, c); !errors.Is(err, quality.ErrOutcomes) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := quality.Evaluate(outcomes, nil, costs); !errors.Is(err, quality.ErrOutcomes) {
		t.Errorf("no predictions: %v", err)
	}
}

func TestBadOutcomes(t *testing.T) {
	few := exam(5)
	uneven := exam(30)
	uneven[3].Vector = nil
	endless := exam(30)
	endless[2].Vector[0] = float32(math.Inf(1))
	for name, list := range map[string][]quality.Outcome{"few": few, "uneven": uneven, "not finite": endless, "none": nil} {
		if _, err := quality.Train(list, quality.Config{}); !errors.Is(err, quality.ErrOutcomes) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAPromptCountsOnce(t *testing.T) {
	got := quality.Merge([]routes.Outcome{
		{Text: "a", Scores: map[string]float64{"x": 1, "y": 0.5}},
		{Text: "b", Scores: map[string]float64{"x": 0.25}},
		{Text: "a", Scores: map[string]float64{"x": 0}},
		{Text: "a", Scores: map[string]float64{"x": 0.5, "z": 1}},
	})
	want(t, "outcomes", []quality.Outcome{
		{Text: "a", Scores: map[string]float64{"x": 0.5, "y": 0.5, "z": 1}},
		{Text: "b", Scores: map[string]float64{"x": 0.25}},
	}, got)
	want(t, "models", []string{"x", "y", "z"}, quality.Models(got))
}

// FuzzPredict: no prompt breaks a prediction.
func FuzzPredict(f *testing.F) {
	m, err := quality.Train(exam(40), quality.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("1,2.3.4,,5.")
	f.Add("\xff\x00 9٣ Ünïcode 3/4%")
	f.Fuzz(func(t *testing.T, text string) {
		for name, q := range m.Predict(text, nil) {
			if !(q >= 0 && q <= 1) {
				t.Errorf("%s: %v", name, q)
			}
		}
	})
}

func BenchmarkPredict(b *testing.B) {
	outcomes := exam(100)
	m, err := quality.Train(outcomes, quality.Config{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		m.Predict(outcomes[0].Text, outcomes[0].Vector)
	}
}
