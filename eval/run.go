package eval

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/semroute/semroute/routes"
)

// Config of a Run; the zero value of each but Known stands for its default.
type Config struct {
	// Known are the names of the catalog's routes: labels should be among them.
	Known []string
	// Unknown says what is done with other labels; the default refuses them.
	Unknown UnknownLabels
	// BatchSize is how many prompts are decided in one call; 256 by default.
	BatchSize int
	// Seed chooses the samples and perturbations.
	Seed uint64
	// Perturbed is how many prompts, at most, are perturbed to measure
	// robustness; 1,000 by default, a negative number measures none.
	Perturbed int
	// Clock tells the time; time.Now by default.
	Clock func() time.Time
	// Progress is told after each call how many decisions of all that the run
	// needs were made; nil means nobody wants to know.
	Progress func(done, total int)
}

const (
	defaultPerturbed = 1000
	// latencySample is how many prompts are decided one by one to be timed.
	latencySample = 500
)

// Run decides the prompts and measures the decisions. Latency is taken first,
// of prompts never seen before, so that a cache in the decider cannot answer.
// It fails with ErrNoPrompts, ErrUnknownLabels, ErrDecider, or the error of the
// decider or of ctx; there is no partial result.
func Run(ctx context.Context, d Decider, prompts []routes.Labelled, config Config) (*Result, error) {
	prompts, unknown, err := config.Unknown.settle(prompts, config.Known)
	if err != nil {
		return nil, err
	}
	r := newRun(d, prompts, config)
	latency, err := r.latency(ctx)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(prompts))
	for i := range prompts {
		texts[i] = prompts[i].Text
	}
	start := r.clock()
	decisions, err := r.replay.all(ctx, texts)
	if err != nil {
		return nil, err
	}
	latency.Batch = micros(r.clock().Sub(start)) / float64(len(texts))
	result := measure(observe(prompts, decisions))
	result.Latency, result.UnknownLabels = latency, unknown
	result.Robustness, err = r.robustness(ctx, decisions)
	if err != nil {
		return nil, err
	}
	return result, nil
}

// run is the state of one Run.
type run struct {
	replay  replay
	prompts []routes.Labelled
	clock   func() time.Time
	timed   []string  // decided one by one
	variant []variant // perturbed prompts
}

func newRun(d Decider, prompts []routes.Labelled, config Config) *run {
	r := &run{prompts: prompts, clock: config.Clock}
	if r.clock == nil {
		r.clock = time.Now
	}
	if config.Perturbed == 0 {
		config.Perturbed = defaultPerturbed
	}
	// Streams of their own keep one sample from moving when another's size does.
	r.timed = distinctSample(prompts, latencySample, rand.New(rand.NewPCG(config.Seed, 1)))
	r.variant = variants(prompts, config.Perturbed, rand.New(rand.NewPCG(config.Seed, 2)))
	done, total := 0, len(r.timed)+len(prompts)+len(r.variant)
	r.replay = newReplay(d, config.BatchSize, func(n int) {
		if done += n; config.Progress != nil {
			config.Progress(done, total)
		}
	})
	return r
}

// distinctSample gives up to n different texts in random order.
func distinctSample(prompts []routes.Labelled, n int, random *rand.Rand) []string {
	seen := map[string]bool{}
	var texts []string
	for _, i := range random.Perm(len(prompts)) {
		if text := prompts[i].Text; len(texts) < n && !seen[text] {
			seen[text] = true
			texts = append(texts, text)
		}
	}
	return texts
}
