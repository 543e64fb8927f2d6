package capacity

import (
	"context"
	"errors"
	"fmt"

	"github.com/semroute/semroute/bench/measure"
)

// memoryAfter reads the memory of a server after many decisions.
func memoryAfter(ctx context.Context, s Setup) (rows measure.Rows, err error) {
	big, err := s.Source.Large()
	if err != nil {
		return nil, err
	}
	c, err := s.serve(ctx, big.Paths, s.CacheDir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	n := measure.Pick(s.Quick, 5_000, 50_000)
	decide := c.Decide(big.Prompts)
	var held []float64
	for range 2 {
		if _, err := measure.Latencies(ctx, measure.ManyCallers, n, decide); err != nil {
			return nil, err
		}
		size, err := c.Resident()
		if err != nil {
			return nil, err
		}
		held = append(held, size/(1<<20))
	}
	return measure.Rows{
		measure.AtMost(fmt.Sprintf("memory after %d decisions, %s", 2*n, big.Label()), measure.Over(held[1:]), "MB", 120).Noted("resident set of the process"),
		measure.AtMost("the same ÷ memory after half of them", measure.Single(held[1]/held[0]), "ratio", 1.1).Noted("flat is 1"),
	}, nil
}
