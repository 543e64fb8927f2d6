package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/semroute/semroute/bench/client"
	"github.com/semroute/semroute/bench/load"
	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/bench/process"
)

const (
	overloadTimes       = 3
	overloadConnections = 8
	// peakCallers keep a server busy without being an overload themselves.
	peakCallers = 8
	// embedTakes is how long the slow embedder takes for a text, of which it works
	// on embedAtOnce at a time: 800 a second.
	embedTakes  = 5 * time.Millisecond
	embedAtOnce = 4
)

// overload asks three times of what servers can do: one that decides in process,
// whose callers take as much of the machine as it does, and one whose embedder is
// the narrow place.
func overload(ctx context.Context, e *env) (rows measure.Rows, err error) {
	large, err := e.source.Large()
	if err != nil {
		return nil, err
	}
	slow, err := newSlowEmbedder(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, slow.close()) }()
	for _, kind := range []struct {
		name     string
		args     []string
		deadline time.Duration
	}{
		{"embedder in process", []string{}, 100 * time.Millisecond},
		{"slow embedder", []string{"--embedder", "ollama", "--ollama-host", slow.address, "--no-static-stage", "--embed-cache-bytes", "0"}, 500 * time.Millisecond},
	} {
		more, err := e.overloaded(ctx, kind.name, large.Paths, large.Prompts, kind.deadline, kind.args)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", kind.name, err)
		}
		rows = append(rows, more...)
	}
	return rows, nil
}

func (e *env) overloaded(ctx context.Context, name string, catalog, prompts []string, deadline time.Duration, args []string) (rows measure.Rows, err error) {
	server, err := e.serve(ctx, catalog, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	peak, err := e.peak(ctx, server, prompts)
	if err != nil {
		return nil, err
	}
	flood := load.Flood{
		Target: server.Address, Prompts: prompts, Rate: peak / 2, Deadline: deadline, Connections: overloadConnections,
		Duration: measure.Pick(e.quick, 3*time.Second, 10*time.Second),
	}
	calm, err := flood.Run(ctx)
	if err != nil {
		return nil, err
	}
	flood.Rate, flood.Duration = peak*overloadTimes, measure.Pick(e.quick, 5*time.Second, time.Minute)
	over, err := flood.Run(ctx)
	if err != nil {
		return nil, err
	}
	flood.Rate, flood.Duration = peak/2, 3*time.Second
	after, err := flood.Run(ctx)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("offered %.0f/s of %.0f/s meant, the peak is %.0f/s; p50 %s, p99 %s, calm %s and %s; others %v",
		over.Offered, peak*overloadTimes, peak, over.P50.Round(time.Microsecond), over.P99.Round(time.Microsecond),
		calm.P50.Round(time.Microsecond), calm.P99.Round(time.Microsecond), over.ByCode)
	return measure.Rows{
		measure.AtLeast("3 × overload, "+name+": goodput ÷ peak", measure.Single(over.Good/peak), "ratio", 0.9).Noted("%s", note),
		measure.AtMost("3 × overload, "+name+": p99 ÷ calm", measure.Single(over.P99.Seconds()/calm.P99.Seconds()), "ratio", 3),
		measure.AtMost("3 × overload, "+name+": until it is as before", measure.Single(untilNormal(after.Tenths, peak/2)), "s", 1),
	}, nil
}

// peak is the highest rate of callers that call again at once.
func (e *env) peak(ctx context.Context, server *process.Server, prompts []string) (float64, error) {
	decide := server.Decide(prompts)
	if _, err := measure.Rate(ctx, peakCallers, e.turn(), decide); err != nil {
		return 0, err
	}
	return measure.Rate(ctx, peakCallers, 3*e.turn(), decide)
}

// untilNormal is when the calls of a tenth of a second were first answered as
// asked, but for a tenth, in seconds.
func untilNormal(tenths []int, rate float64) float64 {
	for i, n := range tenths {
		if float64(n) >= 0.9*rate/10 {
			return float64(i) / 10
		}
	}
	return float64(len(tenths)) / 10
}

// slowEmbedder speaks Ollama's protocol and can do only so much at once.
type slowEmbedder struct {
	address string
	server  *http.Server
	served  chan error
}

func newSlowEmbedder(ctx context.Context) (*slowEmbedder, error) {
	listener, err := client.Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &slowEmbedder{address: listener.Addr().String(), served: make(chan error, 1)}
	places := make(chan struct{}, embedAtOnce)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/embed", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Model string
			Input any
		}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		texts, ok := asked.Input.([]any)
		if !ok {
			texts = []any{asked.Input}
		}
		vectors := make([][]float32, len(texts))
		for i, text := range texts {
			vectors[i] = vectorOf(fmt.Sprint(text))
		}
		places <- struct{}{}
		time.Sleep(time.Duration(len(texts)) * embedTakes)
		<-places
		_ = json.NewEncoder(w).Encode(map[string]any{"model": asked.Model, "embeddings": vectors})
	})
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"capabilities":["embedding"],"model_info":{"general.architecture":"bert","bert.context_length":512,"bert.embedding_length":64}}`))
	})
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"models":[{"name":"all-minilm:latest","model":"all-minilm:latest","digest":"0123456789abcdef"}]}`))
	})
	mux.HandleFunc("GET /api/version", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"version":"0.17.4"}`)) })
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { s.served <- s.server.Serve(listener) }()
	return s, nil
}

func (s *slowEmbedder) close() error {
	err := s.server.Close()
	if served := <-s.served; !errors.Is(served, http.ErrServerClosed) && !errors.Is(served, net.ErrClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// vectorOf is a unit vector that depends on the text alone.
func vectorOf(text string) []float32 {
	const size = 64
	vector := make([]float32, size)
	for i := range len(text) {
		vector[(int(text[i])*31+i)%size]++
	}
	vector[0]++
	return vector
}
