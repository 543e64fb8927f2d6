package forwardtest

import (
	"context"
	"strings"
	"sync"

	"github.com/semroute/semroute/forward"
)

// Provider is a forward.Provider whose every call runs a function. It counts
// the calls.
type Provider struct {
	StreamFunc func(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error)

	mu    sync.Mutex // protects calls
	calls int
}

var _ forward.Provider = (*Provider)(nil)

// Stream implements forward.Provider.
func (p *Provider) Stream(ctx context.Context, req forward.Request, emit func(forward.Piece) error) (forward.End, error) {
	p.mu.Lock()
	p.calls++
	p.mu.Unlock()
	return p.StreamFunc(ctx, req, emit)
}

// Close implements forward.Provider.
func (p *Provider) Close() error { return nil }

// Calls is how often Stream was called.
func (p *Provider) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Says answers with the words, a piece each, and counts them as the usage.
func Says(words ...string) *Provider {
	return &Provider{StreamFunc: func(_ context.Context, _ forward.Request, emit func(forward.Piece) error) (forward.End, error) {
		end := forward.End{Finish: forward.FinishStop, Usage: forward.Usage{InputTokens: 10, OutputTokens: int64(len(words))}}
		for _, w := range words {
			if err := emit(forward.Piece{Text: w}); err != nil {
				return forward.End{}, err
			}
		}
		return end, nil
	}}
}

// Fails answers every call with the error.
func Fails(err error) *Provider {
	return &Provider{StreamFunc: func(context.Context, forward.Request, func(forward.Piece) error) (forward.End, error) {
		return forward.End{}, err
	}}
}

// Silent never answers.
func Silent() *Provider {
	return &Provider{StreamFunc: func(ctx context.Context, _ forward.Request, _ func(forward.Piece) error) (forward.End, error) {
		<-ctx.Done()
		return forward.End{}, ctx.Err()
	}}
}

// Words counts words as tokens.
type Words struct{}

var _ forward.Counter = Words{}

// CountTokens implements forward.Counter.
func (Words) CountTokens(text string) int { return len(strings.Fields(text)) }
