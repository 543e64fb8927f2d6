package lint

import (
	"context"
	"fmt"
)

// An utterance is a near-duplicate where meaning and wording are both close:
// vectors alone call paraphrases equal, letters alone "card" and "car".
const (
	nearDuplicateCosine = 0.9
	nearDuplicateEdits  = 0.75
	// nearLeakCosine is where an evaluation prompt says what an utterance says,
	// in whatever words.
	nearLeakCosine = 0.97
)

func (l *linter) hasVectors() bool { return len(l.Entries) > 0 && len(l.Entries[0].Vector) > 0 }

func (l *linter) entryMatrix() matrix {
	return matrix{row: func(i int) []float32 { return l.Entries[i].Vector }, dim: len(l.Entries[0].Vector), n: len(l.Entries)}
}

// nearDuplicates finds utterances with a close one in another route; each pair
// once, and for an utterance the closest.
func (l *linter) nearDuplicates(ctx context.Context) error {
	if !l.hasVectors() {
		return nil
	}
	entries := l.entryMatrix()
	found, err := entries.nearest(ctx, &entries, nearDuplicateCosine, func(a, b int) bool {
		return l.Entries[a].Route != l.Entries[b].Route && l.normal[a] != l.normal[b]
	})
	if err != nil {
		return err
	}
	type couple struct{ a, b int }
	told := map[couple]bool{}
	for i, candidates := range found {
		for _, c := range candidates {
			if editSimilarity(l.normal[i], l.normal[c.row]) < nearDuplicateEdits {
				continue
			}
			if p := (couple{min(i, c.row), max(i, c.row)}); !told[p] {
				told[p] = true
				l.addNearDuplicate(p.a, p.b, c.similarity)
			}
			break
		}
	}
	return nil
}

func (l *linter) addNearDuplicate(i, other int, similarity float32) {
	e, o := &l.Entries[i], &l.Entries[other]
	f := l.about(i, KindNearDuplicate, SeverityWarning,
		"%s in %s is almost %s in %s%s (similarity %.2f); move one, or word both so that they differ in what sets the routes apart",
		quoted(e.Utterance), named(e.Route), quoted(o.Utterance), named(o.Route), l.at(other), similarity)
	f.Routes = []string{e.Route, o.Route}
	l.add(f)
}

// exactLeaks finds evaluation prompts of the same wording as an utterance.
func (l *linter) exactLeaks() {
	first := map[string]int{}
	for i := len(l.normal) - 1; i >= 0; i-- {
		first[l.normal[i]] = i
	}
	for k := range l.Evaluation {
		p := &l.Evaluation[k]
		i, leaked := first[normalise(p.Text)]
		if !leaked {
			continue
		}
		l.add(l.about(i, KindLeak, SeverityError,
			"%s of %s is also evaluation data%s; take it out of one of them, or the measures flatter the catalog%s",
			quoted(l.Entries[i].Utterance), named(l.Entries[i].Route), inLine(p.Line), otherLabel(p.Route, l.Entries[i].Route)))
	}
}

// nearLeaks finds evaluation prompts that say what an utterance says.
func (l *linter) nearLeaks(ctx context.Context) error {
	var prompts []EvaluationPrompt // those that have a vector
	var normal []string
	for _, p := range l.Evaluation {
		if p.Failure == nil {
			prompts = append(prompts, p)
			normal = append(normal, normalise(p.Text))
		}
	}
	if !l.hasVectors() || len(prompts) == 0 {
		return nil
	}
	entries := l.entryMatrix()
	queries := matrix{row: func(i int) []float32 { return prompts[i].Vector }, dim: entries.dim, n: len(prompts)}
	found, err := entries.nearest(ctx, &queries, nearLeakCosine, func(int, int) bool { return true })
	if err != nil {
		return err
	}
	for k, candidates := range found {
		if len(candidates) == 0 || l.normal[candidates[0].row] == normal[k] {
			continue
		}
		i, p := candidates[0].row, &prompts[k]
		l.add(l.about(i, KindNearLeak, SeverityInfo,
			"%s of %s says what the evaluation prompt %s%s says (similarity %.2f); measure on a prompt that is less like it%s",
			quoted(l.Entries[i].Utterance), named(l.Entries[i].Route), quoted(p.Text), inLine(p.Line), candidates[0].similarity, otherLabel(p.Route, l.Entries[i].Route)))
	}
	return nil
}

func inLine(line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf(" (line %d)", line)
}

// otherLabel adds that data and catalog contradict each other.
func otherLabel(label, route string) string {
	switch label {
	case route:
		return ""
	case "":
		return "; there it is labelled as fitting no route"
	}
	return fmt.Sprintf("; there it is labelled %q", label)
}
