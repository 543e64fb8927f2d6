package main

import (
	"errors"
	"testing"
	"time"
)

func TestPace(t *testing.T) {
	tests := []struct {
		body   string
		pieces int
		every  time.Duration
	}{
		{`{"model":"50-20ms","messages":[]}`, 50, 20 * time.Millisecond},
		{`{"messages":[],"model": "2-1s"}`, 2, time.Second},
		{`{"model":"fast"}`, 3, 0},
		{`{"model":"x-20ms"}`, 3, 0},
		{`{"model":"5-ever"}`, 3, 0},
		{``, 3, 0},
	}
	for _, tt := range tests {
		if pieces, every := pace(tt.body); pieces != tt.pieces || every != tt.every {
			t.Errorf("%s: %d pieces every %s, want %d every %s", tt.body, pieces, every, tt.pieces, tt.every)
		}
	}
}

// TestStreams sends an answer directly and through a whole server.
func TestStreams(t *testing.T) {
	up, err := newUpstream(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := up.close(); err != nil {
			t.Error(err)
		}
	}()
	client := directClient(1)
	defer client.CloseIdleConnections()
	if first, err := direct(t.Context(), client, up.url, "4-1ms", "hello"); err != nil || first <= 0 {
		t.Errorf("directly: first piece after %s, %v", first, err)
	}
	if _, err := direct(t.Context(), client, up.url, "0-1ms", "hello"); !errors.Is(err, errStream) {
		t.Errorf("an answer without pieces: %v, want errStream", err)
	}
	e := testEnv(t)
	in, prompts, err := e.forwarding(t.Context(), model{"steady", "4-1ms", up.url})
	if err != nil {
		t.Fatal(err)
	}
	first, pieces, err := streamed(t.Context(), in.clients[0], prompts[0])
	if err != nil || pieces != 4 || first <= 0 {
		t.Errorf("through the router: %d pieces, the first after %s, %v; want 4", pieces, first, err)
	}
	if err := in.forward(prompts)(t.Context(), 0); err != nil {
		t.Errorf("a whole call: %v", err)
	}
	if err := in.close(); err != nil {
		t.Error(err)
	}
}
