package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/client"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
)

// model is a model of a catalog for forwarding.
type model struct{ name, says, url string }

// forwardingYAML is the example catalog's routes, each served by the models.
func forwardingYAML(models ...model) (string, []string, error) {
	few, err := catalogs.Small()
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	var names []string
	b.WriteString("models:\n")
	for _, m := range models {
		fmt.Fprintf(&b, "  - {name: %s, provider: openai, model: %q, base_url: %q, price: {input_per_mtok: 1, output_per_mtok: 2}}\n", m.name, m.says, m.url)
		names = append(names, m.name)
	}
	b.WriteString("routes:\n")
	for i := range few.Routes {
		fmt.Fprintf(&b, "  - name: %s\n    models: [%s]\n    utterances:\n", few.Routes[i].Name, strings.Join(names, ", "))
		for _, u := range few.Routes[i].Utterances {
			fmt.Fprintf(&b, "      - %q\n", u)
		}
	}
	fmt.Fprintf(&b, "fallback: {models: [%s]}\n", strings.Join(names, ", "))
	return b.String(), few.Prompts, nil
}

// forwarding is a server in this process that calls the models.
func (e *env) forwarding(ctx context.Context, models ...model) (*installation, []string, error) {
	yaml, prompts, err := forwardingYAML(models...)
	if err != nil {
		return nil, nil, err
	}
	catalog, err := routes.Parse("bench.yaml", []byte(yaml))
	if err != nil {
		return nil, nil, err
	}
	in, err := e.install(ctx, catalog, e.staticMemory(), true)
	return in, prompts, err
}

// errStream: a stream did not go as the double sent it.
var errStream = errors.New("the stream is not what was sent")

// streamed reads one answer through the router: the time to its first piece,
// and what is wrong with its pieces.
func streamed(ctx context.Context, through semroutev1.RouterServiceClient, prompt string) (first time.Duration, pieces int, err error) {
	start := time.Now()
	stream, err := through.StreamRoute(ctx, &semroutev1.StreamRouteRequest{Prompt: client.Prompt(prompt)})
	if err != nil {
		return 0, 0, err
	}
	for {
		event, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return first, pieces, nil
		}
		if err != nil {
			return first, pieces, err
		}
		piece := event.GetPiece()
		if piece == nil {
			continue
		}
		if pieces == 0 {
			first = time.Since(start)
		}
		if want := fmt.Sprintf("%d ", pieces); piece.GetText() != want {
			return first, pieces, fmt.Errorf("%w: piece %q where %q comes next", errStream, piece.GetText(), want)
		}
		pieces++
	}
}

// direct reads one answer from a server that speaks OpenAI's protocol.
func direct(ctx context.Context, client *http.Client, url, model, prompt string) (first time.Duration, err error) {
	body := fmt.Sprintf(`{"model":%q,"stream":true,"messages":[{"role":"user","content":%q}]}`, model, prompt)
	start := time.Now()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/chat/completions", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%w: %s answered %s", errStream, url, resp.Status)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() {
		if first == 0 && strings.Contains(lines.Text(), `"content":"0 "`) {
			first = time.Since(start)
		}
	}
	if first == 0 {
		return 0, errors.Join(fmt.Errorf("%w: %s sent no piece", errStream, url), lines.Err())
	}
	return first, lines.Err()
}

// directClient keeps enough connections open for the callers.
func directClient(callers int) *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConns: callers, MaxIdleConnsPerHost: callers}}
}
