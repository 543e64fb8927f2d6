package attempt

import (
	"fmt"
	"runtime/debug"
	"time"

	"github.com/failsafe-go/failsafe-go/retrypolicy"
	"github.com/rs/zerolog"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/routes"
)

// Model is a model of the catalog with what is needed to call it.
type Model struct {
	routes.Model
	Client forward.Provider // nil cannot be called
	Health *health.Model
}

// Maker makes attempts. It is immutable and safe for concurrent use.
type Maker struct {
	// Config has every field set.
	Config forward.Config
	// Models are those of the catalog, to price an answer by who gave it.
	Models []routes.Model
	Tokens forward.Counter
	// Budgets may be nil: then none is kept. Limited says that there are some for
	// calls without an allowance of their own.
	Budgets forward.Budgets
	Limited bool
	// Logger is told of what no record can hold.
	Logger zerolog.Logger
	Now    func() time.Time

	retries retrypolicy.RetryPolicy[any]
}

// New completes the maker.
func New(m Maker) *Maker {
	m.retries = retryPolicy(m.Config)
	return &m
}

// guard runs do and turns a panic into a forward.ErrInternal. What panicked
// stands in the log, with the stack, and never in an error that a caller sees.
func (m *Maker) guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			m.Logger.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("forwarding panicked")
			err = fmt.Errorf("%w: a panic, see the log", forward.ErrInternal)
		}
	}()
	return do()
}

// Guard runs do and turns a panic into a forward.ErrInternal.
func (c *Call) Guard(do func() error) error { return c.maker.guard(do) }
