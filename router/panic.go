package router

import (
	"fmt"
	"runtime/debug"
)

// recovered runs do and turns a panic into an error that holds the stack. It is
// for goroutines of the router: no handler of a server would catch a panic
// there, and it would end the process.
func recovered(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do()
}
