package canary

import (
	"math"
	"slices"
	"strings"
	"unicode"

	"github.com/semroute/semroute/learn/edetect"
)

const (
	// rounds are how many answers to each prompt make the reference.
	rounds = 3
	// maxAnswerBytes is how much of an answer is compared.
	maxAnswerBytes = 2 << 10
	// runLength is the least expected number of answers between false alarms.
	runLength = 10_000
	// tolerance is how much farther apart the answers may come to lie.
	tolerance      = 0.1
	standardErrors = 2.5
	calmAfter      = 100
)

// answers are what is known of a model's.
type answers struct {
	Asked string `json:"asked"`
	// Given are the first answers to each prompt.
	Given map[string][]string `json:"given"`
	// Baseline is how far those lie apart; nil until there are enough.
	Baseline *baseline `json:"baseline,omitempty"`
	// Group is what the answers since then have added up to.
	Group *edetect.GroupState `json:"group,omitempty"`
}

type baseline struct {
	Mean  float64 `json:"mean"`
	Error float64 `json:"error"`
}

// change is the beginning or the end of an alarm.
type change struct {
	over           bool
	reference, now float64
}

// take adds the answers of a round and gives what begins or ends with it. Prompts
// whose first answers are not complete only add to those.
func (a *answers) take(prompts []string, given map[string]string) []change {
	if a.Given == nil {
		a.Given = map[string][]string{}
	}
	for known := range a.Given {
		if !slices.Contains(prompts, known) {
			delete(a.Given, known)
		}
	}
	var distances []float64
	for _, prompt := range prompts {
		answer, ok := given[prompt]
		if !ok {
			continue
		}
		answer = shortened(answer)
		if first := a.Given[prompt]; len(first) < rounds {
			a.Given[prompt] = append(first, answer)
			continue
		}
		distances = append(distances, distance(answer, a.Given[prompt]))
	}
	if a.Baseline == nil {
		a.Baseline = baselineOf(a.Given)
	}
	if a.Baseline == nil {
		return nil
	}
	return a.observe(distances)
}

// observe holds distances against the baseline.
func (a *answers) observe(distances []float64) (changes []change) {
	if len(distances) == 0 {
		return nil
	}
	group := edetect.NewGroup(runLength, calmAfter)
	stream := group.Add(a.Baseline.Mean, tolerance+standardErrors*a.Baseline.Error, 1, 1)
	if a.Group != nil {
		group.Resume(*a.Group)
	}
	var sum float64
	for _, x := range distances {
		sum += x
	}
	for _, x := range distances {
		stream.Observe(x)
		for _, c := range group.Step() {
			changes = append(changes, change{over: c.Over, reference: a.Baseline.Mean, now: sum / float64(len(distances))})
		}
	}
	state := group.State()
	a.Group = &state
	return changes
}

// baselineOf is how far the first answers to each prompt lie from the others to the
// same prompt; nil while they are not complete.
func baselineOf(given map[string][]string) *baseline {
	var sum, squares, n float64
	for _, list := range given {
		if len(list) < rounds {
			return nil
		}
		for i := range list {
			others := append(append([]string(nil), list[:i]...), list[i+1:]...)
			x := distance(list[i], others)
			sum, squares, n = sum+x, squares+x*x, n+1
		}
	}
	if n == 0 {
		return nil
	}
	mean := sum / n
	return &baseline{Mean: mean, Error: math.Sqrt((max(0, squares/n-mean*mean) + 0.01/n) / n)}
}

// distance is 1 less the share of words that an answer has in common with the
// nearest of the others (by Dice), in [0, 1].
func distance(answer string, others []string) float64 {
	best := 0.0
	for _, other := range others {
		best = max(best, overlap(words(answer), words(other)))
	}
	return 1 - best
}

func words(text string) map[string]int {
	out := map[string]int{}
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		out[w]++
	}
	return out
}

// overlap is the share of words in common, 1 of two texts without any.
func overlap(a, b map[string]int) float64 {
	common, all := 0, 0
	for w, n := range a {
		common += min(n, b[w])
		all += n
	}
	for _, n := range b {
		all += n
	}
	if all == 0 {
		return 1
	}
	return 2 * float64(common) / float64(all)
}

func shortened(answer string) string {
	if len(answer) > maxAnswerBytes {
		answer = answer[:maxAnswerBytes]
	}
	return strings.Clone(strings.ToValidUTF8(answer, ""))
}
