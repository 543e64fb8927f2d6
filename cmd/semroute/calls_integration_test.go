//go:build integration

package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/semroute/semroute/internal/ollamahost"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// realCatalog names the model tiny-chat of the Ollama at OLLAMA_HOST, by one
// of the two protocols that it speaks.
func realCatalog(t *testing.T, provider string) string {
	t.Helper()
	address, err := ollamahost.Resolve("")
	if err != nil {
		t.Fatal(err)
	}
	if provider == "openai" {
		address = address.JoinPath("v1")
	}
	return catalogFile(t, fmt.Sprintf(`
models:
  - {name: real, provider: %s, model: tiny-chat, base_url: "%s", price: {input_per_mtok: 1, output_per_mtok: 2}}
routes:
  - {name: refunds, models: [real], utterances: [where is my refund, i was charged twice]}
`, provider, address))
}

// protocols are the two that a real Ollama speaks.
var protocols = []string{"ollama", "openai"}

var realLine = regexp.MustCompile(`^route refunds, model real, tokens [1-9]\d* in, [1-9]\d* out, cost \$0\.000\d+$`)

func TestRealChat(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			got := runWith(t, "", "chat", "--catalog", realCatalog(t, protocol), "--max-tokens", "64", "--system", "You are a test.", "where is my refund")
			if got.code != exitDone || got.out == "" || !realLine.MatchString(lastLine(got.err)) {
				t.Errorf("code %d, %q, %q", got.code, got.out, got.err)
			}
		})
	}
}

func TestRealChatAsJSON(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			got := runWith(t, "", "chat", "--catalog", realCatalog(t, protocol), "--max-tokens", "64", "--json", "where is my refund")
			lines := strings.Split(strings.TrimSpace(got.out), "\n")
			if got.code != exitDone || len(lines) < 3 {
				t.Fatalf("code %d, %q, %q; want at least one piece", got.code, got.out, got.err)
			}
			for i, line := range lines {
				key := `{"piece":`
				switch i {
				case 0:
					key = `{"decision":`
				case len(lines) - 1:
					key = `{"record":`
				}
				if !strings.HasPrefix(line, key) || !json.Valid([]byte(line)) {
					t.Errorf("line %d is %s", i+1, line)
				}
			}
		})
	}
}

func TestRealServe(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			ledger := filepath.Join(t.TempDir(), "calls.db")
			s := serveInProcess(t, "--catalog", realCatalog(t, protocol), "--ledger", ledger)
			client := semroutev1.NewRouterServiceClient(s.conn)
			req := request("where is my refund")
			req.Call = &semroutev1.CallOptions{MaxTokens: 64}
			got, err := stream(t, client, req)
			if err != nil {
				t.Fatal(err)
			}
			u, cost := got.record.GetUsage(), got.record.GetCosts().GetAnswerNanoUsd()
			if got.text == "" || len(got.events) < 3 || u.GetEstimated() || u.GetInputTokens() == 0 || u.GetOutputTokens() == 0 || u.GetOutputTokens() > 64 {
				t.Errorf("%q in %v, usage %v", got.text, got.events, u)
			}
			if want := 1000*u.GetInputTokens() + 2000*u.GetOutputTokens(); cost != want {
				t.Errorf("cost is %d, want %d", cost, want)
			}
			whole, err := client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: req.GetPrompt(), Call: req.GetCall(), Forward: true})
			if err != nil || whole.GetAnswer().GetText() == "" || whole.GetRecord().GetModel() != "real" {
				t.Errorf("whole answer %v, %v", whole, err)
			}
			s.stop()
			if code := <-s.code; code != exitDone {
				t.Errorf("code %d", code)
			}
			if total := sumsOf(t, ledger).Total; total.Calls != 2 || total.Answer <= cost {
				t.Errorf("the ledger has %+v", total)
			}
		})
	}
}

// TestRealModelsCheck does not ask for text: eight tokens of random weights may
// well be none that can be shown.
func TestRealModelsCheck(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			got := runWith(t, "", "models", "check", "--catalog", realCatalog(t, protocol), "--json")
			models := checkedModels(t, got)
			if got.code != exitDone || len(models) != 1 || !models[0].OK || models[0].OutputTokens == 0 || models[0].Estimated {
				t.Errorf("code %d, %+v", got.code, models)
			}
		})
	}
}
