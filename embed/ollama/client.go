package ollama

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/ollama/ollama/api"

	"github.com/semroute/semroute/internal/vec"
)

// maxAnswerBytes bounds one answer: a batch of 1024 vectors of 4096 numbers
// stays below it.
const maxAnswerBytes = 128 << 20

var (
	// errAnswerTooLong: the server sent more than any vectors need.
	errAnswerTooLong = fmt.Errorf("answer is longer than %d bytes", maxAnswerBytes)
	// errRedirect: the server sent the request elsewhere. Texts go only where
	// the user said, so nobody follows.
	errRedirect = errors.New("redirects are not followed")
	// errAnswer: vectors that cannot be used.
	errAnswer = errors.New("unusable answer")
)

// newClient makes a client whose answers are bounded and which follows no
// redirects.
func newClient(base *url.URL, transport http.RoundTripper) *api.Client {
	return api.NewClient(base, &http.Client{
		Transport: boundedTransport{transport},
		CheckRedirect: func(to *http.Request, _ []*http.Request) error {
			return fmt.Errorf("%w: it points to %s", errRedirect, to.URL.Redacted())
		},
	})
}

// boundedTransport ends every answer at maxAnswerBytes with an error.
type boundedTransport struct {
	next http.RoundTripper
}

func (t boundedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	answer, err := t.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	answer.Body = &boundedBody{ReadCloser: answer.Body, left: maxAnswerBytes}
	return answer, nil
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errAnswerTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// send asks for the vectors of inputs once. truncate lets the server cut what
// is beyond the model's context; otherwise it refuses.
func (e *Embedder) send(ctx context.Context, inputs []string, truncate bool, timeout time.Duration) ([][]float32, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := e.client.Embed(ctx, &api.EmbedRequest{
		Model: e.config.Model, Input: inputs, Truncate: &truncate,
		KeepAlive: &api.Duration{Duration: e.config.KeepAlive.Round(time.Second)},
	})
	if err != nil {
		return nil, err
	}
	return e.usable(answer.Embeddings, len(inputs))
}

// usable checks vectors and brings them to unit length.
func (e *Embedder) usable(vectors [][]float32, count int) ([][]float32, error) {
	if len(vectors) != count {
		return nil, fmt.Errorf("%w: %d vectors for %d texts", errAnswer, len(vectors), count)
	}
	for i, vector := range vectors {
		want := e.dimension
		if want == 0 {
			want = len(vectors[0]) // the first call of all
		}
		if len(vector) != want || want == 0 {
			return nil, fmt.Errorf("%w: vector %d has %d elements instead of %d", errAnswer, i, len(vector), want)
		}
		if !vec.Normalize(vector) {
			return nil, fmt.Errorf("%w: vector %d is zero or not finite", errAnswer, i)
		}
	}
	return vectors, nil
}
