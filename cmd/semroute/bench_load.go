package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/semroute/semroute/bench/load"
	"github.com/semroute/semroute/internal/plainfile"
)

// attack loads the server that was named. Calls that failed are counted in
// the report and end in exit code 1.
func attack(ctx context.Context, std stdio, flags benchFlags) error {
	if flags.prompts == "" {
		return wrongUse("--target needs --prompts FILE, one prompt a line")
	}
	prompts, err := readPrompts(flags.prompts)
	if err != nil {
		return err
	}
	config := load.Config{
		Target: flags.target.address, Prompts: prompts, Rate: flags.rate, Duration: flags.duration,
		Callers: flags.callers, Connections: flags.connections,
	}
	if err := config.Check(); err != nil {
		return wrongUse("%w", err)
	}
	options, err := flags.target.access.options(flags.target.address)
	if err != nil {
		return err
	}
	config.Options = options
	conn, err := flags.target.connect(ctx)
	if err != nil {
		return err
	}
	_ = conn.Close() // it was to wait until the server is ready; the load makes its own
	report, err := load.Attack(ctx, config)
	if err != nil {
		return err
	}
	if flags.asJSON {
		err = writeJSONLine(std.out, report)
	} else {
		err = writeLoad(std.out, report)
	}
	if err == nil && report.Errors > 0 {
		return fmt.Errorf("%d of %d calls failed: %v", report.Errors, report.Calls, report.ErrorsByCode)
	}
	return err
}

// readPrompts reads lines of text, or the texts of labelled prompts.
func readPrompts(path string) ([]string, error) {
	if strings.HasSuffix(path, ".jsonl") {
		labelled, err := readData([]string{path})
		if err != nil {
			return nil, err
		}
		prompts := make([]string, len(labelled))
		for i := range labelled {
			prompts[i] = labelled[i].Text
		}
		return prompts, nil
	}
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return nil, wrongUse("--prompts: %w", err)
	}
	defer func() { _ = file.Close() }()
	var prompts []string
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, 64<<10), maxPromptBytes)
	for lines.Scan() {
		if strings.TrimSpace(lines.Text()) != "" {
			prompts = append(prompts, lines.Text())
		}
	}
	if lines.Err() != nil {
		return nil, wrongUse("--prompts: %s: %w", path, lines.Err())
	}
	if len(prompts) == 0 {
		return nil, wrongUse("--prompts: %s holds no prompts", path)
	}
	return prompts, nil
}

func writeLoad(w io.Writer, r load.Report) error {
	schedule := "closed loop: every caller calls again at once"
	if r.AskedRate > 0 {
		schedule = fmt.Sprintf("open loop at %.0f calls a second; latency counts from the intended start", r.AskedRate)
	}
	p := r.LatencyUS
	_, err := fmt.Fprintf(w, "%s\n%d calls in %.1f s, %.0f a second, %d failed\n"+
		"latency in µs: mean %.0f, p50 %.0f, p90 %.0f, p99 %.0f, p99.9 %.0f, max %.0f\n",
		schedule, r.Calls, r.Seconds, r.Rate, r.Errors, p.Mean, p.P50, p.P90, p.P99, p.P999, p.Max)
	return err
}

func writeJSONLine(w io.Writer, v any) error {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		return fmt.Errorf("results as JSON: %w", err)
	}
	return nil
}
