package forwardtest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
)

// Canned is a transport that answers without any network, for readers of
// answers: the same bytes may come in any cuts.
type Canned struct {
	Status      int // 200 when 0
	ContentType string
	Header      http.Header
	Body        string
	// Cuts are where reads end, besides at the end of the body.
	Cuts []int
	// Open leaves the connection open after the body; Beat is sent again and
	// again then, each time Wait has returned.
	Open bool
	Beat string
	Wait func()

	mu   sync.Mutex // protects Sent
	Sent []string   // the bodies of the calls
}

var _ http.RoundTripper = (*Canned)(nil)

// RoundTrip implements http.RoundTripper.
func (c *Canned) RoundTrip(req *http.Request) (*http.Response, error) {
	sent, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Sent = append(c.Sent, string(sent))
	status := c.Status
	if status == 0 {
		status = http.StatusOK
	}
	header := c.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", c.ContentType)
	return &http.Response{StatusCode: status, Header: header, Request: req, Body: &cannedBody{Canned: c, ctx: req.Context(), rest: c.Body}}, nil
}

type cannedBody struct {
	*Canned
	ctx  context.Context
	at   int
	rest string
}

// Read implements io.Reader.
func (b *cannedBody) Read(p []byte) (int, error) {
	if b.rest == "" && b.Open {
		if b.Beat == "" {
			<-b.ctx.Done()
			return 0, b.ctx.Err()
		}
		b.Wait()
		b.rest = b.Beat
	}
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.rest == "" {
		return 0, io.EOF
	}
	n := min(len(p), len(b.rest))
	for _, cut := range b.Cuts {
		if cut > b.at && cut < b.at+n {
			n = cut - b.at
		}
	}
	n = copy(p, b.rest[:n])
	b.at, b.rest = b.at+n, b.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (b *cannedBody) Close() error { return nil }

// Whole asks the provider and puts its answer together. Tool calls come in the
// order of their numbers.
func Whole(p forward.Provider, req forward.Request) (forward.Answer, forward.End, error) {
	var parts forward.Collector
	end, err := p.Stream(context.Background(), req, parts.Add)
	answer := parts.Answer()
	answer.Finish, answer.Usage = end.Finish, end.Usage
	return answer, end, err
}

// Call is a tool call of an answer.
func Call(id, name, arguments string) chat.ToolCall {
	return chat.ToolCall{ID: id, Name: name, Arguments: arguments}
}

// Data is a stream of server-sent events, one for each text.
func Data(texts ...string) string {
	var b bytes.Buffer
	for _, t := range texts {
		b.WriteString("data: " + strings.ReplaceAll(t, "\n", "\ndata: ") + "\n\n")
	}
	return b.String()
}
