package engine

import (
	"context"
	"fmt"

	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/quality"
	"github.com/semroute/semroute/routes"
)

// Predictor expects a quality of each model for a prompt. It describes prompts
// by static vectors, whatever embedder decides: they are made in microseconds,
// are always there, and predict quality as well.
type Predictor struct {
	*quality.Model
	embedder *static.Embedder
}

var _ forward.Predictor = (*Predictor)(nil)

// Learn learns from outcomes how well each model does. It takes seconds for
// thousands of them.
func Learn(ctx context.Context, outcomes []routes.Outcome) (*Predictor, error) {
	embedder, err := static.New(static.Config{})
	if err != nil {
		return nil, fmt.Errorf("static embedder: %w", err)
	}
	texts := make([]string, len(outcomes))
	for i, o := range outcomes {
		texts[i] = o.Text
	}
	batch, err := embedder.EmbedQueries(ctx, texts)
	if err != nil {
		return nil, fmt.Errorf("embedding outcomes: %w", err)
	}
	known := make([]quality.Outcome, len(outcomes))
	for i, o := range outcomes {
		known[i] = quality.Outcome{Text: o.Text, Vector: batch.Vectors[i], Scores: o.Scores}
	}
	model, err := quality.Train(known, quality.Config{})
	if err != nil {
		return nil, err
	}
	model.Embedder = embedder.Fingerprint()
	return &Predictor{Model: model, embedder: embedder}, nil
}

// Predict implements forward.Predictor. The vector is of the embedder that
// decided and is not looked at.
func (p *Predictor) Predict(prompt string, _ []float32) map[string]float64 {
	vector, _ := p.embedder.AppendQuery(nil, prompt)
	return p.Model.Predict(prompt, vector)
}
