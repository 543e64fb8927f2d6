//go:build integration

package policy_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/internal/ollamahost"
	"github.com/semroute/semroute/routes"
)

// server is the address of a real Ollama that has the model tiny-chat.
func server(t *testing.T) string {
	t.Helper()
	address, err := ollamahost.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	return address.String()
}

func real(t *testing.T, provider routes.Provider) routes.Model {
	t.Helper()
	m := routes.Model{
		Name: "real", Provider: provider, Model: "tiny-chat", BaseURL: server(t),
		Prices: routes.Prices{{Rates: routes.Rates{InputPerMTok: 1e9, OutputPerMTok: 2e9}}},
	}
	if provider == routes.OpenAI {
		m.BaseURL += "/v1"
	}
	return m
}

// TestRealServer streams an answer over both protocols that Ollama speaks.
func TestRealServer(t *testing.T) {
	for _, provider := range []routes.Provider{routes.Ollama, routes.OpenAI} {
		t.Run(string(provider), func(t *testing.T) {
			d := deploy().withModel(real(t, provider), connect(t, real(t, provider)))
			d.config = forward.Config{}
			call := ask("Say something.")
			call.Request.MaxTokens, call.Request.Seed = 8, number(int64(1))
			call.Request.System = "You are a test."
			pieces := 0
			record, err := d.forwarder(t).Forward(context.Background(), call, func(forward.Piece) error {
				pieces++
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			u := record.Usage
			if u.Estimated || u.InputTokens == 0 || u.OutputTokens == 0 || u.OutputTokens > 8 || record.Finish == "" {
				t.Errorf("usage %+v, finish %q", u, record.Finish)
			}
			if want := u.InputTokens*1000 + u.OutputTokens*2000; record.Costs.Answer != want {
				t.Errorf("cost is %d, want %d", record.Costs.Answer, want)
			}
			t.Logf("%d pieces, %+v, first after %s", pieces, u, record.FirstPiece)
		})
	}
}

// TestRealServerCancels: the real server's answer ends when the caller goes.
func TestRealServerCancels(t *testing.T) {
	for _, provider := range []routes.Provider{routes.Ollama, routes.OpenAI} {
		t.Run(string(provider), func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			d := deploy().withModel(real(t, provider), connect(t, real(t, provider)))
			d.config = forward.Config{}
			call := ask("Go on for long.")
			call.Request.MaxTokens = 2000
			_, err := d.forwarder(t).Forward(ctx, call, func(forward.Piece) error {
				cancel()
				return nil
			})
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// TestRealServerWithoutTheModel: a missing model is not worth a retry.
func TestRealServerWithoutTheModel(t *testing.T) {
	for _, provider := range []routes.Provider{routes.Ollama, routes.OpenAI} {
		t.Run(string(provider), func(t *testing.T) {
			m := real(t, provider)
			m.Model = "no-such-model"
			d := deploy().withModel(m, connect(t, m)).with("other", 1, forwardtest.Says("x"))
			record, err := d.forwarder(t).Forward(context.Background(), ask("hi"), discard)
			if err != nil {
				t.Fatal(err)
			}
			want(t, "path", []string{"real:not_found", "other:done"}, path(record))
		})
	}
}
