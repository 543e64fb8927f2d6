package capacity

import (
	"context"
	"path/filepath"

	"github.com/semroute/semroute/bench/measure"
)

// warmStart measures process start to SERVING, with what an earlier start has
// kept.
func warmStart(ctx context.Context, s Setup) (measure.Rows, error) {
	big, err := s.Source.Large()
	if err != nil {
		return nil, err
	}
	cache := filepath.Join(s.Dir, "cache-of-starts")
	starts := func(n int) (measure.Figure, error) {
		var took []float64
		for range n {
			c, err := s.serve(ctx, big.Paths, cache)
			if err != nil {
				return measure.Figure{}, err
			}
			took = append(took, measure.Microseconds(c.Took)/1000)
			if err := c.Close(); err != nil {
				return measure.Figure{}, err
			}
		}
		return measure.Over(took), nil
	}
	cold, err := starts(1)
	if err != nil {
		return nil, err
	}
	warm, err := starts(measure.Pick(s.Quick, 2, 9))
	if err != nil {
		return nil, err
	}
	return measure.Rows{
		measure.Plain("first start to SERVING, "+big.Label(), cold, "ms"),
		measure.AtMost("warm start to SERVING, "+big.Label(), warm, "ms", 150),
	}, nil
}
