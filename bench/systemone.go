package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/semroute/semroute/bench/catalogs"
	"github.com/semroute/semroute/bench/measure"
)

// What the project asks of itself for an answer of the decision protocol.
const (
	systemOneStatic      = 300
	systemOneTransformer = 3000
)

// systemOne measures the decision protocol over HTTP: one question, whose options
// are all routes, about a prompt that was not seen before.
func systemOne(ctx context.Context, e *env) (rows measure.Rows, err error) {
	yaml, prompts, err := forwardingYAML(model{"upstream", doorFast, "http://127.0.0.1:1"})
	if err != nil {
		return nil, err
	}
	path := filepath.Join(e.dir, "systemone.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		return nil, err
	}
	for _, c := range []struct {
		name   string
		asked  float64
		serves []string
	}{
		{"static", systemOneStatic, []string{"--embedder", "static"}},
		{"every prompt by the transformer", systemOneTransformer, []string{"--no-static-stage"}},
	} {
		s, err := e.serveHTTP(ctx, path, c.serves...)
		if err != nil {
			return rows, err
		}
		more, err := e.systemOneOf(ctx, c.name, c.asked, s.web, &fresh{prompts: prompts})
		rows = append(rows, more...)
		if err = errors.Join(err, s.Close()); err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// systemOneOf asks one server, one call after another.
func (e *env) systemOneOf(ctx context.Context, name string, asked float64, web string, prompts *fresh) (measure.Rows, error) {
	client := directClient(1)
	defer client.CloseIdleConnections()
	few, err := catalogs.Small()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for i := range few.Routes {
		names[few.Routes[i].Name] = ""
	}
	n := measure.Pick(e.quick, 100, 1000)
	var p99 []float64
	v, err := measure.Alternate(ctx, e.rounds(), func(ctx context.Context) (float64, error) {
		took := make([]float64, n)
		for i := range took {
			start := time.Now()
			if err := decideBySystemOne(ctx, client, web, names, prompts.next(false)); err != nil {
				return 0, err
			}
			took[i] = measure.Microseconds(time.Since(start))
		}
		p99 = append(p99, measure.Quantile(took, 0.99))
		return measure.Quantile(took, 0.5), nil
	})
	if err != nil {
		return nil, err
	}
	return measure.Rows{
		measure.AtMost("/v1/systemone over HTTP, "+name+", p50", measure.Over(v[0]), "µs", asked).Noted("one caller, %d options, no prompt seen before", len(names)),
		measure.Plain("/v1/systemone over HTTP, "+name+", p99", measure.Over(p99[1:]), "µs"),
	}, nil
}

// errSystemOne: an answer is not what was asked for.
var errSystemOne = errors.New("the decision protocol")

// decideBySystemOne asks one question.
func decideBySystemOne(ctx context.Context, client *http.Client, web string, options map[string]string, state string) error {
	criteria, err := json.Marshal(options)
	if err != nil {
		return err
	}
	body := fmt.Sprintf(`{"model":"auto","state":%q,"questions":{"route":{"type":"choice","criteria":%s}}}`, state, criteria)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, web+"/systemone", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	said, err := io.ReadAll(io.LimitReader(resp.Body, maxAsked))
	if err == nil && (resp.StatusCode != http.StatusOK || !strings.Contains(string(said), `"calibrated":true`)) {
		err = fmt.Errorf("%w answered %s: %s", errSystemOne, resp.Status, said)
	}
	return err
}
