package feedback

import "time"

// Summary is what all feedback on one decision comes to. What users say goes
// before what judges say, what is said later before what was said earlier.
type Summary struct {
	Decision   string
	Verdict    Verdict
	RightRoute *string
	Thumbs     Thumbs
	Score      *float64
	Sampled    bool
	// First is when something was said first.
	First time.Time
	Of    Decision
}

// Summarize gives one summary a decision, in the order of what was said first.
func Summarize(list []Feedback) []Summary {
	place := map[string]int{}
	var out []Summary
	// A judge's words stand only where no user has spoken of the same.
	for _, source := range []Source{Judge, User} {
		for i := range list {
			f := &list[i]
			k, ok := place[f.Decision]
			if !ok {
				k = len(out)
				place[f.Decision] = k
				out = append(out, Summary{Decision: f.Decision, First: f.Time, Of: f.Of})
			}
			if f.Source == source {
				out[k].hear(f)
			}
		}
	}
	return out
}

// hear takes what feedback says in place of what was said before.
func (s *Summary) hear(f *Feedback) {
	if f.Verdict != "" {
		s.Verdict, s.RightRoute = f.Verdict, f.RightRoute
	}
	if f.Thumbs != "" {
		s.Thumbs = f.Thumbs
	}
	if f.Score != nil {
		s.Score = f.Score
	}
	s.Sampled = s.Sampled || f.Sampled
}

// Known gives the right route where it is known: somebody named it, or the
// chosen one was called right. "" is none.
func (s *Summary) Known() (route string, ok bool) {
	switch {
	case s.RightRoute != nil:
		return *s.RightRoute, true
	case s.Verdict == Right:
		return s.Of.Route, true
	}
	return "", false
}

// Quality of the answer, in [0, 1]: the score, else 1 for thumbs up and 0 for
// thumbs down.
func (s *Summary) Quality() (quality float64, ok bool) {
	switch {
	case s.Score != nil:
		return *s.Score, true
	case s.Thumbs == Up:
		return 1, true
	case s.Thumbs == Down:
		return 0, true
	}
	return 0, false
}
