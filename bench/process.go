package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// warmStart measures process start to SERVING, with what an earlier start has
// kept.
func warmStart(ctx context.Context, e *env) ([]Row, error) {
	big, err := e.large()
	if err != nil {
		return nil, err
	}
	cache := filepath.Join(e.dir, "cache-of-starts")
	starts := func(n int) (figure, error) {
		var took []float64
		for range n {
			c, err := e.serve(ctx, big.paths, cache)
			if err != nil {
				return figure{}, err
			}
			took = append(took, microseconds(c.took)/1000)
			if err := c.close(); err != nil {
				return figure{}, err
			}
		}
		return over(took), nil
	}
	cold, err := starts(1)
	if err != nil {
		return nil, err
	}
	warm, err := starts(pick(e.Quick, 2, 9))
	if err != nil {
		return nil, err
	}
	return []Row{
		plain("first start to SERVING, "+big.label(), cold, "ms"),
		atMost("warm start to SERVING, "+big.label(), warm, "ms", 150),
	}, nil
}

// memoryAfter reads the memory of a server after many decisions.
func memoryAfter(ctx context.Context, e *env) (rows []Row, err error) {
	big, err := e.large()
	if err != nil {
		return nil, err
	}
	c, err := e.serve(ctx, big.paths, e.cache())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	n := pick(e.Quick, 5_000, 50_000)
	decide := c.decide(big.prompts)
	var held []float64
	for range 2 {
		if _, err := latencies(ctx, manyCallers, n, decide); err != nil {
			return nil, err
		}
		size, err := c.resident()
		if err != nil {
			return nil, err
		}
		held = append(held, size/(1<<20))
	}
	return []Row{
		atMost(fmt.Sprintf("memory after %d decisions, %s", 2*n, big.label()), over(held[1:]), "MB", 120).noted("resident set of the process"),
		atMost("the same ÷ memory after half of them", single(held[1]/held[0]), "ratio", 1.1).noted("flat is 1"),
	}, nil
}

// tail loads a server at half of its highest rate and compares its slowest
// calls with its usual ones.
func tail(ctx context.Context, e *env) (rows []Row, err error) {
	big, err := e.large()
	if err != nil {
		return nil, err
	}
	c, err := e.serve(ctx, big.paths, e.cache())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	decide := c.decide(big.prompts)
	if _, err := rate(ctx, manyCallers, e.turn(), decide); err != nil {
		return nil, err
	}
	highest, err := rate(ctx, manyCallers, 2*e.turn(), decide)
	if err != nil {
		return nil, err
	}
	load := Load{
		Target: c.address, Prompts: big.prompts, Rate: highest / 2, Callers: manyCallers,
		Duration: pick(e.Quick, 3*time.Second, time.Minute), Connections: e.Connections,
	}
	report, err := Attack(ctx, load)
	if err != nil {
		return nil, err
	}
	load.empty, load.Duration = true, load.Duration/4
	empty, err := Attack(ctx, load)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("open loop at %.0f/s of %.0f/s, %d calls, %d errors; counted from the intended start",
		report.AskedRate, highest, report.Calls, report.Errors)
	return []Row{
		plain("p50 at half of the highest rate", single(report.LatencyUS.P50), "µs"),
		plain("p99 at half of the highest rate", single(report.LatencyUS.P99), "µs"),
		atMost("p99 ÷ p50 at half of the highest rate", single(report.LatencyUS.P99/report.LatencyUS.P50), "ratio", 5).noted("%s", note),
		plain("the same of empty calls at the same rate", single(empty.LatencyUS.P99/empty.LatencyUS.P50), "ratio").
			noted("health checks on this server: p50 %.0f µs, p99 %.0f µs", empty.LatencyUS.P50, empty.LatencyUS.P99),
	}, nil
}
