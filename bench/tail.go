package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/bench/load"
	"github.com/semroute/semroute/bench/measure"
)

// tail loads a server at half of its highest rate and compares its slowest
// calls with its usual ones.
func tail(ctx context.Context, e *env) (rows measure.Rows, err error) {
	big, err := e.source.Large()
	if err != nil {
		return nil, err
	}
	c, err := e.serve(ctx, big.Paths)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	decide := c.Decide(big.Prompts)
	if _, err := measure.Rate(ctx, measure.ManyCallers, e.turn(), decide); err != nil {
		return nil, err
	}
	highest, err := measure.Rate(ctx, measure.ManyCallers, 2*e.turn(), decide)
	if err != nil {
		return nil, err
	}
	config := load.Config{
		Target: c.Address, Prompts: big.Prompts, Rate: highest / 2, Callers: measure.ManyCallers,
		Duration: measure.Pick(e.quick, 3*time.Second, time.Minute), Connections: e.connections,
	}
	report, err := load.Attack(ctx, config)
	if err != nil {
		return nil, err
	}
	config.HealthChecks, config.Duration = true, config.Duration/4
	empty, err := load.Attack(ctx, config)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("open loop at %.0f/s of %.0f/s, %d calls, %d errors; counted from the intended start",
		report.AskedRate, highest, report.Calls, report.Errors)
	return measure.Rows{
		measure.Plain("p50 at half of the highest rate", measure.Single(report.LatencyUS.P50), "µs"),
		measure.Plain("p99 at half of the highest rate", measure.Single(report.LatencyUS.P99), "µs"),
		measure.AtMost("p99 ÷ p50 at half of the highest rate", measure.Single(report.LatencyUS.P99/report.LatencyUS.P50), "ratio", 5).Noted("%s", note),
		measure.Plain("the same of empty calls at the same rate", measure.Single(empty.LatencyUS.P99/empty.LatencyUS.P50), "ratio").
			Noted("health checks on this server: p50 %.0f µs, p99 %.0f µs", empty.LatencyUS.P50, empty.LatencyUS.P99),
	}, nil
}
