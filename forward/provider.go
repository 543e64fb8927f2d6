package forward

import "context"

// Provider makes calls to one model. Implementations speak a protocol and
// nothing else: they do not retry, do not fail over and set no deadline of
// their own. They are safe for concurrent use.
type Provider interface {
	// Stream makes one call and hands every piece of the answer to emit, in
	// order, before it reads the next. It returns when the answer is complete,
	// when ctx ends, or when emit returns an error, which it passes on
	// unchanged. No goroutine of the call is left when it returns.
	//
	// What the provider cannot express is an *UnsupportedError, before any
	// call. Every failure of the upstream is an *UpstreamError, also an answer
	// that breaks off.
	Stream(ctx context.Context, req Request, emit func(Piece) error) (End, error)
	// Close frees idle connections.
	Close() error
}

// End is what a provider tells when an answer is complete, or, next to an
// error, what it knows up to then.
type End struct {
	Finish Finish
	// StopText is the stop text of the request that the model met, "" where it met none
	// or the provider does not say.
	StopText string
	// Usage is the zero value when the provider sent none.
	Usage Usage
	// Model is the name of the model that answered as the upstream gives it, ""
	// when it gives none. It may be another than was asked for.
	Model string
}

// Counter counts the tokens of a text, roughly as a model would.
type Counter interface {
	CountTokens(text string) int
}
