package advice

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/store"
)

// Lesson is a judged prompt: what fit and the choice of models learn from.
type Lesson struct {
	Text string
	// Route is the right one, "" where none fits; nil where nobody knows.
	Route *string
	// Model answered with this quality, in [0, 1]; nil where nobody said.
	Model   string
	Quality *float64
}

// Export gives the judged prompts whose text is stored, in the order in which
// they were first judged, as far as they teach something. give's error ends it.
func (a *Advisor) Export(ctx context.Context, since time.Time, give func(Lesson) error) error {
	summaries, err := a.summaries(ctx, since)
	if err != nil {
		return err
	}
	for i := range summaries {
		s := &summaries[i]
		var l Lesson
		if route, ok := s.Known(); ok {
			l.Route = &route
		}
		if quality, ok := s.Quality(); ok && s.Of.Model != "" {
			l.Model, l.Quality = s.Of.Model, &quality
		}
		if l.Route == nil && l.Quality == nil {
			continue
		}
		record, err := a.store.Record(ctx, s.Decision)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading records: %w", err)
		}
		if l.Text = record.Prompt; l.Text == "" {
			continue
		}
		if err := give(l); err != nil {
			return err
		}
	}
	return nil
}
