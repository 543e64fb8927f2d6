package router

import "strconv"

// Explain says in one sentence what was decided and why. It says the same
// whatever part of the candidates the decision shows.
func (d *Decision) Explain() string {
	var room [192]byte // most sentences fit
	return string(d.appendExplanation(room[:0]))
}

func (d *Decision) appendExplanation(b []byte) []byte {
	switch {
	case d.Reason == ReasonEmpty:
		return append(b, "The prompt holds no text to route."...)
	case d.Reason == ReasonRule:
		b = strconv.AppendQuote(append(b, "Rule "...), d.Rule)
		return append(b, " refuses this prompt."...)
	case d.Abstained && d.Leading == "":
		return append(b, "No route was near enough to consider."...)
	case d.Abstained:
		b = append(append(b, d.Leading...), " led with confidence "...)
		b = append(appendHundredths(b, d.Confidence), " and margin "...)
		b = append(append(appendHundredths(b, d.Margin), ", but is "...), d.Reason...)
		if d.Bound == 0 { // it is not the confidence that was too low
			return append(b, '.')
		}
		return append(appendHundredths(append(b, " ("...), d.Bound), " asked)."...)
	case d.Stage == StageRule:
		b = append(strconv.AppendQuote(append(b, "Rule "...), d.Rule), " chose "...)
		if d.Route == "" {
			return append(append(append(b, "the model "...), d.Model()...), '.')
		}
		return append(append(b, d.Route...), '.')
	}
	b = append(append(b, d.Route...), " with confidence "...)
	b = appendHundredths(b, d.Confidence)
	if d.RunnerUp != "" {
		b = appendHundredths(append(b, ", "...), d.Margin)
		b = append(append(b, " ahead of "...), d.RunnerUp...)
	}
	return append(b, '.')
}

func appendHundredths(b []byte, x float64) []byte { return strconv.AppendFloat(b, x, 'f', 2, 64) }
