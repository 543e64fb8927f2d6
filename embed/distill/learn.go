package distill

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/semroute/semroute/embed/static"
)

const (
	// trust is how much a token's own vector weighs against what the text
	// says about it: as much as so many sentences made of the token alone.
	trust = 0.1
	// steps of conjugate gradients; more change nothing that can be measured.
	steps = 30
	// longestSentence in tokens; longer ones would be cut by some teachers.
	longestSentence = 128
)

// learn moves tokens so that the mean over a sentence meets the teacher's
// vector of the sentence, by ridge regression around where they are.
func learn(ctx context.Context, l lesson, config Config, tokens [][]float64) error {
	tokenizer, err := static.NewTokenizer(config.Pieces)
	if err != nil {
		return fmt.Errorf("distill: %w", err)
	}
	words := wordIDs(config)
	var (
		sentences [][]uint32
		texts     []string
	)
	for _, text := range config.Text {
		ids := sentence(tokenizer, words, text, tokens)
		if len(ids) > 0 && len(ids) <= longestSentence {
			sentences, texts = append(sentences, ids), append(texts, text)
		}
	}
	if len(texts) == 0 {
		return fmt.Errorf("%w: text: no sentence of known words in it", ErrConfig)
	}
	targets, err := l.ask(ctx, "text", texts)
	if err != nil {
		return err
	}
	mean := meanOf(targets)
	for _, target := range targets {
		for k := range target {
			target[k] -= mean[k]
		}
	}
	bags := newBags(sentences, len(tokens))
	rescale(bags, tokens, targets)
	return regress(ctx, bags, tokens, targets)
}

// rescale multiplies all tokens by the factor that brings sentences nearest.
func rescale(b bags, tokens, targets [][]float64) {
	var both, own float64
	for s, target := range targets {
		for k, x := range target {
			y := b.meanAt(s, k, tokens)
			both += x * y
			own += y * y
		}
	}
	if own == 0 || both <= 0 {
		return
	}
	for _, token := range tokens {
		for k := range token {
			token[k] *= both / own
		}
	}
}

// regress solves each dimension by itself, so they are shared out.
func regress(ctx context.Context, b bags, tokens, targets [][]float64) error {
	diagonal := b.diagonal()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for k := range targets[0] {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return fmt.Errorf("distill: %w", err)
			}
			missing := make([]float64, len(targets))
			for s, target := range targets {
				missing[s] = target[k] - b.meanAt(s, k, tokens)
			}
			for i, change := range b.solve(missing, diagonal) {
				if tokens[i] != nil {
					tokens[i][k] += change
				}
			}
			return nil
		})
	}
	return group.Wait() //nolint:wrapcheck // wrapped above
}
