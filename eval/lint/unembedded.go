package lint

import "fmt"

// unembedded names what the embedder cannot take. The catalog serves without
// such an utterance, and says nothing of it to callers.
func (l *linter) unembedded() {
	for _, u := range l.Unembedded {
		l.add(Finding{
			Kind: KindUnembeddable, Severity: SeverityError, Routes: []string{u.Route}, Utterance: u.Utterance, Position: place(u.At),
			Message: fmt.Sprintf("%s of %s cannot be embedded and decides nothing; change or remove it: %v", quoted(u.Utterance), named(u.Route), u.Failure),
		})
	}
	for _, p := range l.Evaluation {
		if p.Failure != nil {
			l.add(Finding{
				Kind: KindUnembeddable, Severity: SeverityWarning, Routes: []string{p.Route}, Utterance: p.Text,
				Message: fmt.Sprintf("the evaluation prompt %s%s cannot be embedded, so only its wording was compared: %v", quoted(p.Text), inLine(p.Line), p.Failure),
			})
		}
	}
}
