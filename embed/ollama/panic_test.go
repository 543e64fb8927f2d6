package ollama

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/semroute/semroute/embed"
)

// brittle does not survive a request for vectors once it is worn.
type brittle struct {
	*double
	worn atomic.Bool
}

func (b *brittle) RoundTrip(r *http.Request) (*http.Response, error) {
	if b.worn.Load() && strings.HasSuffix(r.URL.Path, "/embed") {
		panic("the transport's code is wrong")
	}
	return b.double.RoundTrip(r)
}

// TestAPanicOfAWorkerIsItsCallsError: workers run in goroutines of their own,
// where nobody above would catch it.
func TestAPanicOfAWorkerIsItsCallsError(t *testing.T) {
	b := &brittle{double: newMemoryDouble()}
	e, err := New(t.Context(), Config{Model: "all-minilm", Address: "http://double", Transport: b})
	if err != nil {
		t.Fatal(err)
	}
	b.worn.Store(true)
	if _, err := e.EmbedQueries(t.Context(), numbered(3)); !errors.Is(err, embed.ErrEmbed) {
		t.Errorf("got %v", err)
	}
}
