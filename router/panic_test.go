package router_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/semroute/semroute/router"
)

// TestAPanicInABatchIsItsError: a batch is scored by goroutines, where nobody
// above would catch a panic.
func TestAPanicInABatchIsItsError(t *testing.T) {
	f := newFixture(t, catalogYAML, router.Settings{})
	f.index.vectors = nil // the search runs over its end
	_, err := f.router.DecideBatch(t.Context(), []router.Prompt{{Text: "refund"}, {Text: "parcel"}}, router.Limits{})
	if err == nil || errors.Is(err, router.ErrEmbedder) || !strings.Contains(err.Error(), "index out of range") {
		t.Errorf("got %v", err)
	}
}
