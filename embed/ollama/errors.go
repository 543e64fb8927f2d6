package ollama

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/ollama/ollama/api"

	"github.com/semroute/semroute/embed"
)

// cause is what made a request fail, as far as its error tells.
type cause int

const (
	nothing        cause = iota // it did not fail
	server                      // nobody answers, or nothing that other texts would change
	serverNotReady              // the server is busy, or is just starting the model's runner
	slowness                    // no answer in time
	runnerDied                  // the process that runs the model ended under the request
	texts                       // the server answered, but not with these texts' vectors
)

// causeOf judges the error of one request.
func causeOf(err error) cause {
	var status api.StatusError
	var notJSON *json.SyntaxError
	var otherJSON *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nothing
	case errors.As(err, &status):
		return causeOfStatus(status)
	case errors.Is(err, context.DeadlineExceeded):
		return slowness
	case errors.Is(err, errAnswer) || errors.Is(err, errAnswerTooLong) || errors.As(err, &notJSON) || errors.As(err, &otherJSON):
		return texts
	}
	return server
}

// causeOfStatus reads the server's messages, which have no codes of their own:
// it is well itself when the model's runner, another process, is not.
func causeOfStatus(status api.StatusError) cause {
	has := func(sign string) bool { return strings.Contains(status.ErrorMessage, sign) }
	switch status.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return serverNotReady
	case http.StatusInternalServerError:
		switch {
		case has("connection refused"):
			return serverNotReady
		case has("EOF"), has("connection reset"), has("runner process"):
			return runnerDied
		}
		return texts
	case http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusRequestEntityTooLarge:
		return texts
	}
	return server
}

// explain turns an error of a request into one of package embed. ctx is the
// caller's, not the request's own.
func (e *Embedder) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	address := e.base.Redacted()
	var status api.StatusError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("ollama embedding: %w", ctx.Err())
	case errors.Is(err, errRedirect):
		return fmt.Errorf("%w: address: %s: %w; give the address that answers", ErrConfig, address, err)
	case errors.Is(err, errAnswerTooLong):
		return fmt.Errorf("%w: %w", embed.ErrEmbed, err)
	case errors.As(err, &status) && status.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: run: ollama pull %s", embed.ErrModelMissing, e.config.Model)
	case errors.As(err, &status):
		told := fmt.Errorf("%w: %s answered %d: %s", embed.ErrEmbed, address, status.StatusCode, shorten(status.ErrorMessage, 200))
		if status.StatusCode >= 500 || status.StatusCode == http.StatusTooManyRequests {
			told = fmt.Errorf("%w: %w", embed.ErrServer, told)
		}
		return told
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %s did not answer within %s", embed.ErrUnreachable, address, e.config.Timeout)
	case isNetwork(err):
		return fmt.Errorf("%w: %s: %w; is `ollama serve` running there?", embed.ErrUnreachable, address, err)
	}
	return fmt.Errorf("%w: %s: %w", embed.ErrEmbed, address, err)
}

// isNetwork says whether the server was not reached, or was lost under the
// request.
func isNetwork(err error) bool {
	var network *net.OpError
	var name *net.DNSError
	var request *url.Error
	return errors.As(err, &network) || errors.As(err, &name) || errors.As(err, &request) || errors.Is(err, io.ErrUnexpectedEOF)
}
