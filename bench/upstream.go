package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/semroute/semroute/bench/client"
	"github.com/semroute/semroute/bench/measure"
)

// upstream is a double of a model's server that speaks OpenAI's chat
// completions. How an answer comes stands in the model's name: "PIECES-EVERY",
// as in "50-20ms"; any other name is three pieces at once. The text of a piece
// is its number.
type upstream struct {
	url     string
	server  *http.Server
	stopped chan error
}

const headerTimeout = 10 * time.Second

func newUpstream(ctx context.Context, address string) (*upstream, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := client.Listen(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("the double of a model's server: %w", err)
	}
	u := &upstream{
		url:     "http://" + listener.Addr().String() + "/v1",
		server:  &http.Server{Handler: http.HandlerFunc(answer), ReadHeaderTimeout: headerTimeout},
		stopped: make(chan error, 1),
	}
	go func() { u.stopped <- u.server.Serve(listener) }()
	return u, nil
}

func (u *upstream) close() error {
	err := u.server.Close()
	if served := <-u.stopped; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}

// Parts of a streamed answer.
const (
	chunkStart = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m",`
	roleChunk  = chunkStart + `"choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n"
	textChunk  = chunkStart + `"choices":[{"index":0,"delta":{"content":"%d "},"finish_reason":null}]}` + "\n\n"
	endChunk   = chunkStart + `"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}` + "\n\n" +
		chunkStart + `"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":9,"total_tokens":16}}` + "\n\ndata: [DONE]\n\n"
)

// maxAsked bounds what is read of a request.
const maxAsked = 1 << 20

func answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxAsked))
	if err != nil {
		return
	}
	pieces, every := pace(string(body))
	w.Header().Set("Content-Type", "text/event-stream")
	flush := func() {}
	if f, ok := w.(http.Flusher); ok {
		flush = f.Flush
	}
	_, _ = io.WriteString(w, roleChunk)
	start := time.Now()
	for i := range pieces {
		if !measure.Wait(r.Context(), time.Until(start.Add(time.Duration(i)*every))) {
			return
		}
		_, _ = fmt.Fprintf(w, textChunk, i)
		flush()
	}
	_, _ = io.WriteString(w, endChunk)
}

// pace reads the model's name out of the request.
func pace(body string) (pieces int, every time.Duration) {
	const usual = 3
	_, rest, _ := strings.Cut(body, `"model":`)
	_, rest, _ = strings.Cut(rest, `"`)
	model, _, _ := strings.Cut(rest, `"`)
	count, gap, ok := strings.Cut(model, "-")
	if !ok {
		return usual, 0
	}
	pieces, err := strconv.Atoi(count)
	if err != nil {
		return usual, 0
	}
	if every, err = time.ParseDuration(gap); err != nil {
		return usual, 0
	}
	return pieces, every
}
