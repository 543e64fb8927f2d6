package ollama

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/semroute/semroute/embed"
)

func TestARunnerThatIsGoneIsWaitedFor(t *testing.T) {
	tests := []struct {
		name     string
		message  string
		failures int32
		want     error
		requests int32
	}{
		{"it comes back", "health resp: dial tcp 127.0.0.1:44941: connect: connection refused", 2, nil, 3},
		{"it broke off", "do embedding request: Post: EOF", 1, nil, 2},
		{"it stays away", "llama runner process has terminated", 99, embed.ErrEmbed, 1 + restartTries},
		{"another failure is not waited for", "out of memory", 99, embed.ErrEmbed, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := newDouble(t)
			e, err := New(t.Context(), Config{Model: "all-minilm", Address: d.URL})
			if err != nil {
				t.Fatal(err)
			}
			var asked atomic.Int32
			d.set(func() {
				d.answer = func(w http.ResponseWriter, _ []string) bool {
					if asked.Add(1) > tt.failures {
						return false
					}
					refuse(w, http.StatusInternalServerError, tt.message)
					return true
				}
			})
			_, err = e.EmbedQueries(t.Context(), []string{"hi"})
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if got := asked.Load(); got != tt.requests {
				t.Errorf("%d requests, want %d", got, tt.requests)
			}
		})
	}
}
