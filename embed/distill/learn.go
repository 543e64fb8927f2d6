package distill

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/semroute/semroute/embed/static"
)

const (
	// trust is how much a token's own vector weighs against what the text
	// says about it: as much as so many sentences made of the token alone.
	trust = 0.5
	// steps of conjugate gradients; more change nothing that can be measured.
	steps = 30
	// longestSentence in tokens; longer ones would be cut by some teachers.
	longestSentence = 128
)

// learn moves tokens so that the mean over a sentence meets the teacher's
// vector of the sentence, by ridge regression around where they are, and gives
// vectors to frequent pairs, whose starting point is zero. It returns the
// vectors of tokens and pairs.
func learn(ctx context.Context, l lesson, config Config, tokens [][]float64) ([][]float64, pairList, error) {
	sentences, texts, err := usable(config, tokens)
	if err != nil {
		return nil, pairList{}, err
	}
	targets, err := l.ask(ctx, "text", texts)
	if err != nil {
		return nil, pairList{}, err
	}
	mean := meanOf(targets)
	for _, target := range targets {
		for k := range target {
			target[k] -= mean[k]
		}
	}
	pairs := commonPairs(sentences, len(tokens))
	vectors := slices.Clone(tokens)
	for range pairs.keys {
		vectors = append(vectors, make([]float64, len(mean)))
	}
	b := newBags(sentences, pairs, len(vectors))
	rescale(b, vectors, targets)
	return vectors, pairs, regress(ctx, b, vectors, targets)
}

// usable are the texts that have at least one token with a vector and are not
// too long, and their tokens.
func usable(config Config, tokens [][]float64) (sentences [][]uint32, texts []string, err error) {
	tokenizer, err := static.NewTokenizer(config.Pieces)
	if err != nil {
		return nil, nil, fmt.Errorf("distill: %w", err)
	}
	for _, text := range config.Text {
		var known []uint32
		for _, id := range tokenizer.Append(nil, text) {
			if tokens[id] != nil && tokenizer.Piece(id) != unknownPiece {
				known = append(known, id)
			}
		}
		if len(known) > 0 && len(known) <= longestSentence {
			sentences, texts = append(sentences, known), append(texts, text)
		}
	}
	if len(texts) == 0 {
		return nil, nil, fmt.Errorf("%w: text: no sentence of known words in it", ErrConfig)
	}
	return sentences, texts, nil
}

// rescale multiplies all tokens by the factor that brings sentences nearest.
func rescale(b bags, vectors, targets [][]float64) {
	var both, own float64
	for s, target := range targets {
		for k, x := range target {
			y := b.meanAt(s, k, vectors)
			both += x * y
			own += y * y
		}
	}
	if own == 0 || both <= 0 {
		return
	}
	for _, vector := range vectors {
		for k := range vector {
			vector[k] *= both / own
		}
	}
}

// regress solves each dimension by itself, so they are shared out.
func regress(ctx context.Context, b bags, vectors, targets [][]float64) error {
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
				missing[s] = target[k] - b.meanAt(s, k, vectors)
			}
			for i, change := range b.solve(missing, diagonal) {
				if vectors[i] != nil {
					vectors[i][k] += change
				}
			}
			return nil
		})
	}
	return group.Wait()
}
