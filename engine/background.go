package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/classify/background"
	"github.com/semroute/semroute/embed"
)

// comparedWith is how many prompts of the background every prompt is compared
// with. By static vectors it is none: prompts about other things lie too near to
// each other there to say more than the utterances do.
const comparedWith = 256

// background are the prompts that belong to no route, with their vectors: those
// that come with the program for its own model, else embedded once and kept as
// other vectors are. What the embedder cannot take is left out.
func (t *trainer) background(ctx context.Context, e embed.Embedder) (classify.Background, error) {
	subjects, err := background.Subjects()
	if err != nil {
		return classify.Background{}, fmt.Errorf("background: %w", err)
	}
	var all classify.Background
	for i := range subjects {
		for _, text := range subjects[i].Prompts {
			all.Texts, all.Subjects = append(all.Texts, text), append(all.Subjects, int32(i))
		}
	}
	shipped, err := background.Vectors(e.Fingerprint(), background.Fingerprint(subjects))
	if err != nil {
		return classify.Background{}, err
	}
	if shipped != nil {
		all.Vectors = shipped
		return all, nil
	}
	vectors, err := t.embedExtras(ctx, e, all.Texts, t.progress)
	var some *extraError
	if err != nil && !errors.As(err, &some) {
		return classify.Background{}, fmt.Errorf("background: %w", err)
	}
	var b classify.Background
	for i, text := range all.Texts {
		if vector := vectors[text]; vector != nil {
			b.Texts, b.Subjects, b.Vectors = append(b.Texts, text), append(b.Subjects, all.Subjects[i]), append(b.Vectors, vector)
		}
	}
	return b, nil
}
