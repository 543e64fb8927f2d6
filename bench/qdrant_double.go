package main

import (
	"context"
	"fmt"
	"testing"
)

// untested is a test that is none: a double that ends with its test runs without
// one by it.
type untested struct {
	testing.TB
	ctx      context.Context // as a test has one
	cleanups []func()
}

// Context implements testing.TB.
func (t *untested) Context() context.Context { return t.ctx }

// Helper implements testing.TB.
func (*untested) Helper() {}

// Cleanup implements testing.TB.
func (t *untested) Cleanup(do func()) { t.cleanups = append(t.cleanups, do) }

// Errorf implements testing.TB: what went wrong while a double stopped
// changes no number.
func (*untested) Errorf(string, ...any) {}

// Fatalf implements testing.TB; it does not return.
func (*untested) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

// end does what the end of a test does.
func (t *untested) end() {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanups[i]()
	}
}
