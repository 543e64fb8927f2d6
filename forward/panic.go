package forward

import (
	"fmt"
	"runtime/debug"
)

// guard runs do and turns a panic into an ErrInternal. What panicked stands in
// the log, with the stack, and never in an error that a caller sees.
func (f *Forwarder) guard(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			f.deps.Logger.Error().Str("panic", fmt.Sprint(p)).Bytes("stack", debug.Stack()).Msg("forwarding panicked")
			err = fmt.Errorf("%w: a panic, see the log", ErrInternal)
		}
	}()
	return do()
}
