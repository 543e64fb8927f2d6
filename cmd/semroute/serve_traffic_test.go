package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// ask runs a command against the server and gives what it prints.
func (s *served) ask(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := runCommand(t.Context(), t, "", append(args, "--server", s.address)...)
	if code != 0 {
		t.Fatalf("%v ends with %d: %s", args, code, errs)
	}
	return out
}

// route decides prompts by the server and gives their routes.
func (s *served) route(t *testing.T, texts ...string) (chosen []string) {
	t.Helper()
	client := semroutev1.NewRouterServiceClient(s.conn)
	for _, text := range texts {
		resp, err := client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}}})
		if err != nil {
			t.Fatal(err)
		}
		chosen = append(chosen, resp.GetDecision().GetRoute())
	}
	return chosen
}

func TestAServerNoticesDrift(t *testing.T) {
	ledger := filepath.Join(t.TempDir(), "calls.db")
	begin := func() *served {
		return serveInProcess(t, "--catalog", "../../examples/support", "--decide-only", "--ledger", ledger)
	}
	s := begin()
	if out := s.ask(t, "drift", "status"); !strings.Contains(out, "against a reference of") || !strings.Contains(out, "utterances of the catalog") {
		t.Errorf("before any prompt:\n%s", out)
	}
	if out := s.ask(t, "alarms"); out != "no alarms\n" {
		t.Errorf("alarms before any prompt: %s", out)
	}
	foreign := []string{"how do i knit a scarf", "what is the mass of the sun", "translate this poem", "who won the chess final", "name three volcanoes"}
	for range 60 {
		s.route(t, foreign...)
	}
	waitFor(t, func() bool { return strings.Contains(s.ask(t, "alarms", "--lasting"), "drift: the") }, s.log)
	if !strings.Contains(s.log.String(), `"message":"alarm: the `) {
		t.Errorf("the log says nothing of the alarm:\n%s", s.log)
	}
	s.stop()
	<-s.code
	s = begin()
	if out := s.ask(t, "alarms", "--lasting"); !strings.Contains(out, "drift: the") {
		t.Errorf("after a restart: %s", out)
	}
	for range 10 {
		s.route(t, foreign...)
	}
	waitFor(t, func() bool {
		code, _, _ := runCommand(t.Context(), t, "", "drift", "accept", "--server", s.address)
		return code == 0
	}, s.log)
	if out := s.ask(t, "alarms", "--lasting"); out != "no alarms\n" {
		t.Errorf("after it was accepted: %s", out)
	}
	if out := s.ask(t, "drift", "status", "--json"); !strings.Contains(out, `"source":"TRAFFIC"`) && !strings.Contains(out, `"source": "TRAFFIC"`) {
		t.Errorf("the reference after it was accepted:\n%s", out)
	}
}

func TestACandidateIsShownAndPromoted(t *testing.T) {
	dir := t.TempDir()
	write := func(name, yaml string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	model := "models: [{name: small, provider: ollama, model: x, price: {input_per_mtok: 1, output_per_mtok: 1}}, {name: large, provider: ollama, model: y, price: {input_per_mtok: 10, output_per_mtok: 10}}]\n"
	live := write("live.yaml", model+`routes:
  - {name: refunds, models: [small], utterances: [i want my money back, refund my order, return the payment]}
  - {name: weather, models: [small], utterances: [will it rain today, how warm is it outside, is it sunny]}
`)
	next := write("next.yaml", model+`routes:
  - {name: money, models: [large], utterances: [i want my money back, refund my order, return the payment]}
  - {name: weather, models: [small], utterances: [will it rain today, how warm is it outside, is it sunny]}
`)
	s := serveInProcess(t, "--catalog", live, "--shadow-catalog", next, "--shadow-share", "1",
		"--ledger", filepath.Join(dir, "calls.db"), "--store-prompts", "full")
	waitFor(t, func() bool { return !strings.Contains(s.ask(t, "shadow", "report"), "cannot decide yet") }, s.log)
	if got := s.route(t, "refund my order", "is it sunny"); got[0] != "refunds" || got[1] != "weather" {
		t.Fatalf("decided %v", got)
	}
	var out string
	waitFor(t, func() bool {
		out = s.ask(t, "shadow", "report")
		return strings.Contains(out, "1 of 2 decisions would change: 1 routes")
	}, s.log)
	for _, want := range []string{"candidate: catalog ", "refunds -> money: 1", "  refund my order (", "cost of 1000 prompts", "refunds  1    0          0"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if out := s.ask(t, "shadow", "promote"); !strings.Contains(out, "the candidate serves; fingerprint ") {
		t.Error(out)
	}
	if got := s.route(t, "refund my order"); got[0] != "money" {
		t.Errorf("after the promotion: %v", got)
	}
}

func TestSettingsOfTrafficThatCannotBe(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"an open web hook":        {[]string{"--alarm-webhook", "http://example.com"}, "--alarm-webhook: not an address for alarms: http reaches only this machine, use https"},
		"no run length":           {[]string{"--drift-run-length", "0"}, "--drift-run-length must be 1 or more"},
		"a share of nothing":      {[]string{"--shadow-embedder", "static", "--shadow-share", "0"}, "--shadow-share must be more than 0"},
		"a candidate with a hole": {[]string{"--shadow-catalog", "nowhere.yaml"}, "nowhere.yaml"},
	} {
		code, _, errs := runCommand(t.Context(), t, "", append([]string{"serve", "--catalog", "../../examples/support", "--decide-only", "--cache-dir", "off"}, tt.args...)...)
		if code != 2 || !strings.Contains(errs, tt.want) {
			t.Errorf("%s: ends with %d and %s", name, code, errs)
		}
	}
}
