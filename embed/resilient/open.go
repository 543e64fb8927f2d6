package resilient

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/semroute/semroute/embed"
)

const (
	// firstPause and longestPause are those between two tries of Open; each is
	// twice the one before.
	firstPause   = 500 * time.Millisecond
	longestPause = 15 * time.Second
)

// Open calls open until it succeeds, fails with something that waiting does
// not mend (see embed.RetryMayHelp), or ctx ends; then the error holds the last
// failure too. waiting, which may be nil, is told of each failure and of the
// pause that follows.
func Open[E any](ctx context.Context, open func(context.Context) (E, error), waiting func(failure error, pause time.Duration)) (E, error) {
	policy := retrypolicy.NewBuilder[E]().
		HandleIf(func(_ E, err error) bool { return embed.RetryMayHelp(err) }).
		WithMaxRetries(-1).
		WithBackoff(firstPause, longestPause).
		WithJitterFactor(0.1).
		OnRetryScheduled(func(event failsafe.ExecutionScheduledEvent[E]) {
			if waiting != nil {
				waiting(event.LastError(), event.Delay)
			}
		})
	var last error
	opened, err := failsafe.With(policy.Build()).WithContext(ctx).Get(func() (E, error) {
		opened, err := open(ctx)
		if err != nil && ctx.Err() == nil {
			last = err
		}
		return opened, err
	})
	if ended := ctx.Err(); err != nil && ended != nil && last != nil && !errors.Is(err, last) {
		return opened, fmt.Errorf("%w: the last failure was: %w", ended, last)
	}
	return opened, err
}
