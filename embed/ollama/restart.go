package ollama

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/ollama/ollama/api"
)

const (
	// restartTries is how often a request is sent again while the server's
	// runner of the model is gone; the server starts another one by itself.
	restartTries = 3
	restartPause = 300 * time.Millisecond
)

// runnerGone says that the server is well but the process that runs its model
// ended under the request. Its messages have no code of their own.
func runnerGone(err error) bool {
	var status api.StatusError
	if !errors.As(err, &status) || status.StatusCode != http.StatusInternalServerError {
		return false
	}
	for _, sign := range []string{"connection refused", "connection reset", "EOF", "runner process"} {
		if strings.Contains(status.ErrorMessage, sign) {
			return true
		}
	}
	return false
}

// untilRunning makes a request again while the model's runner is gone.
func (e *Embedder) untilRunning(ctx context.Context, request func() ([][]float32, error)) ([][]float32, error) {
	for try := 1; ; try++ {
		vectors, err := request()
		if err == nil || try > restartTries || !runnerGone(err) {
			return vectors, err
		}
		timer := time.NewTimer(time.Duration(try) * restartPause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		}
	}
}
