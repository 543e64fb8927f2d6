package ollama

import (
	"context"
	"fmt"
	"time"
)

const (
	// readyPause is the first pause of a request to a server that is busy or is
	// just starting the model's runner. Each further one is longer by as much,
	// until the timeout has passed.
	readyPause = 300 * time.Millisecond
	// probeText is what every model can embed.
	probeText = "dimension"
)

// request asks for vectors when it is its turn. alone lets no other request of
// this embedder be under way, so that what happens to the model's runner is
// this one's doing.
func (e *Embedder) request(ctx context.Context, inputs []string, truncate, alone bool) ([][]float32, error) {
	places := int64(1)
	if alone {
		places = int64(e.config.Concurrency)
	}
	if err := e.slots.Acquire(ctx, places); err != nil {
		return nil, fmt.Errorf("waiting for other requests: %w", err)
	}
	defer e.slots.Release(places)
	for start, try := time.Now(), 1; ; try++ {
		vectors, err := e.send(ctx, inputs, truncate, e.config.Timeout)
		if causeOf(err) != serverNotReady || time.Since(start) >= e.config.Timeout {
			return vectors, err
		}
		if err := pause(ctx, time.Duration(try)*readyPause); err != nil {
			return nil, err
		}
	}
}

// Probe asks what a query asks, the model's digest and one short text, out of
// turn and as patiently as loading the model may take: nil says that the server
// embeds.
func (e *Embedder) Probe(ctx context.Context) error {
	if _, err := e.look(ctx); err != nil {
		return err
	}
	_, err := e.send(ctx, []string{probeText}, false, e.config.LoadTimeout)
	return e.explain(ctx, err)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
