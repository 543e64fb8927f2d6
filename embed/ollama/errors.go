package ollama

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/ollama/ollama/api"

	"github.com/semroute/semroute/embed"
)

// explain turns an error of the client into one of package embed. ctx is the
// caller's, not the request's own.
func (e *Embedder) explain(ctx context.Context, err error) error {
	var status api.StatusError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("ollama embedding: %w", ctx.Err())
	case errors.Is(err, errRedirect):
		return fmt.Errorf("%w: address: %s: %w; give the address that answers", ErrConfig, e.base.Redacted(), err)
	case errors.Is(err, errAnswerTooLong):
		return fmt.Errorf("%w: %w", embed.ErrEmbed, err)
	case errors.As(err, &status) && status.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: run: ollama pull %s", embed.ErrModelMissing, e.config.Model)
	case errors.As(err, &status):
		return fmt.Errorf("%w: %s answered %d: %s", embed.ErrEmbed, e.base, status.StatusCode, shorten(status.ErrorMessage, 200))
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %s did not answer within %s", embed.ErrUnreachable, e.base, e.config.Timeout)
	case isNetwork(err):
		return fmt.Errorf("%w: %s: %w; is `ollama serve` running there?", embed.ErrUnreachable, e.base, err)
	}
	return fmt.Errorf("%w: %s: %w", embed.ErrEmbed, e.base, err)
}

// refused says whether the server understood the request but would not or
// could not do it, which is what happens to texts beyond the context.
func refused(err error) bool {
	var status api.StatusError
	return errors.As(err, &status) &&
		(status.StatusCode == http.StatusBadRequest || status.StatusCode == http.StatusInternalServerError)
}

// isNetwork says whether the server was not reached at all.
func isNetwork(err error) bool {
	var network *net.OpError
	var name *net.DNSError
	var request *url.Error
	return errors.As(err, &network) || errors.As(err, &name) || errors.As(err, &request)
}
