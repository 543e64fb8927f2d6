package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/hostile"
	"github.com/semroute/semroute/bench/load"
	"github.com/semroute/semroute/bench/measure"
)

const (
	hostileConnections = 2000
	// honestRate is how many decisions a second honest callers ask.
	honestRate        = 200
	honestCallers     = 16
	honestConnections = 4
	mostMemory        = 300 << 20
	mostSlower        = 3
)

// underAttack asks a server for decisions while others do what no honest client
// does, each attack on a server of its own.
func underAttack(ctx context.Context, e *env) (rows measure.Rows, err error) {
	large, err := e.source.Large()
	if err != nil {
		return nil, err
	}
	connections := measure.Pick(e.quick, hostileConnections/10, hostileConnections)
	for _, name := range slices.Sorted(maps.Keys(hostile.Attacks())) {
		more, err := e.attack(ctx, name, connections, large)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", name, err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func (e *env) attack(ctx context.Context, name string, connections int, large *catalogs.Catalog) (rows measure.Rows, err error) {
	server, err := e.serve(ctx, large.Paths)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	honest := load.Config{
		Target: server.Address, Prompts: large.Prompts, Rate: honestRate, Callers: honestCallers,
		Duration: measure.Pick(e.quick, 2*time.Second, 20*time.Second), Connections: honestConnections,
	}
	calm, err := load.Attack(ctx, honest)
	if err != nil {
		return nil, err
	}
	attacking, stop := context.WithCancel(ctx)
	defer stop()
	end, err := e.attackers(attacking, name, server.Address, connections)
	if err != nil {
		return nil, err
	}
	var beside sync.WaitGroup
	var memory float64
	beside.Go(func() { memory = server.MostResident(attacking) })
	measure.Wait(ctx, honest.Duration/4) // until all are connected
	under, err := load.Attack(ctx, honest)
	ended, failed := end()
	stop()
	beside.Wait()
	if err := errors.Join(err, failed); err != nil {
		return nil, err
	}
	note := fmt.Sprintf("%d connections in a process of the lowest priority, %d ended by the server; %d of %d honest calls failed; p99 %.0f µs, calm %.0f µs",
		connections, ended, under.Errors, under.Calls, under.LatencyUS.P99, calm.LatencyUS.P99)
	return measure.Rows{
		measure.AtMost(name+": memory", measure.Single(memory/(1<<20)), "MiB", mostMemory>>20),
		measure.AtMost(name+": honest p99 ÷ calm", measure.Single(under.LatencyUS.P99/calm.LatencyUS.P99), "ratio", mostSlower).Noted("%s", note),
		measure.AtMost(name+": honest calls that failed", measure.Single(float64(under.Errors)), "calls", 0),
	}, nil
}
