package bench

import (
	"context"
	"fmt"
	"testing"
)

// testless lets a double that ends with its test run without one.
type testless struct {
	testing.TB
	ctx      context.Context // as a test has one
	cleanups []func()
}

// Context implements testing.TB.
func (t *testless) Context() context.Context { return t.ctx }

// Helper implements testing.TB.
func (*testless) Helper() {}

// Cleanup implements testing.TB.
func (t *testless) Cleanup(do func()) { t.cleanups = append(t.cleanups, do) }

// Errorf implements testing.TB: what went wrong while a double stopped
// changes no number.
func (*testless) Errorf(string, ...any) {}

// Fatalf implements testing.TB; it does not return.
func (*testless) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// end does what the end of a test does.
func (t *testless) end() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}
