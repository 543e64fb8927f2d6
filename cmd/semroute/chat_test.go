package main

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/forward/forwardtest"
	"go.uber.org/goleak"
)

func TestChatStreamsTheAnswerAndSaysWhatItCost(t *testing.T) {
	tests := map[string]struct {
		near, far []forwardtest.Script
		prompt    string
		out, err  string
		code      int
	}{
		"by Ollama's protocol": {
			near: scripts(says("On", " its", " way")), far: scripts(refuses(500)), prompt: "where is my refund",
			out: "On its way\n", err: "route refunds, model near, tokens 10 in, 3 out, cost $0.000016\n",
		},
		"by OpenAI's protocol": {
			near: scripts(refuses(500)), far: scripts(says("Tomorrow", "\n")), prompt: "track my parcel",
			out: "Tomorrow\n", err: "route parcels, model far, tokens 10 in, 2 out, cost $0.00014\n",
		},
		"by the next model of the route": {
			near: scripts(refuses(404)), far: scripts(says("Soon")), prompt: "where is my refund",
			out: "Soon\n",
			err: "  near: model \"near\": not found (HTTP 404): out of order\n" +
				"route refunds, model far, tokens 10 in, 1 out, cost $0.00012, 2 attempts\n",
		},
		"by the fallback": {
			near: scripts(says("Hm")), far: scripts(refuses(500)), prompt: "",
			out: "Hm\n", err: "route (none: empty prompt; fallback), model near, tokens 10 in, 1 out, cost $0.000012\n",
		},
		"by nobody where every model fails": {
			near: scripts(refuses(404)), far: scripts(refuses(401)), prompt: "where is my refund",
			err: "  near: model \"near\": not found (HTTP 404): out of order\n" +
				"  far: model \"far\": auth (HTTP 401): out of order\n" +
				"route refunds, model (none), tokens 0 in, 0 out, cost $0.00, 2 attempts\n" +
				"semroute: no model of the route could answer; the record says what was tried\n",
			code: exitFailed,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Cleanup(func() { goleak.VerifyNone(t) })
			d := startDoubles(t, test.near, test.far)
			got := runWith(t, "", "chat", "--catalog", d.catalog, "--max-tokens", "7", "--system", "be brief", test.prompt)
			want := ran{code: test.code, out: test.out, err: test.err}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(ran{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, call := range append(d.near.Calls(), d.far.Calls()...) {
				if !strings.Contains(call, "be brief") || !strings.Contains(call, "7") {
					t.Errorf("the call lacks the system text or the bound: %s", call)
				}
			}
		})
	}
}

func TestChatAsJSONPrintsDecisionPiecesRecord(t *testing.T) {
	d := startDoubles(t, scripts(says("a", "b")), scripts(says("x")))
	got := runWith(t, "", "chat", "--catalog", d.catalog, "--json", "where is my refund")
	if got.code != exitDone || got.err != "" {
		t.Fatalf("code %d, %s", got.code, got.err)
	}
	var order []string
	for line := range strings.Lines(got.out) {
		var event struct {
			Decision *struct{ Route string }
			Piece    *struct{ Text string }
			Record   *struct {
				Model string
				Usage struct {
					Input string `json:"input_tokens"`
				}
				Costs struct {
					Total string `json:"total_nano_usd"`
				}
			}
		}
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		switch {
		case event.Decision != nil:
			order = append(order, "decision "+event.Decision.Route)
		case event.Piece != nil:
			order = append(order, "piece "+event.Piece.Text)
		case event.Record != nil:
			order = append(order, "record "+event.Record.Model+" "+event.Record.Usage.Input+" "+event.Record.Costs.Total)
		}
	}
	want := []string{"decision refunds", "piece a", "piece b", "record near 10 14000"}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

func TestChatKeepsTheConversation(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	d := startDoubles(t, scripts(says("First answer"), refuses(400), says("Last answer")), scripts(says("x")))
	got := runWith(t, "where is my refund\n\n  \ni was charged twice\ngive me my money back\n", "chat", "--catalog", d.catalog)
	if got.code != exitFailed || got.out != "First answer\nLast answer\n" {
		t.Errorf("code %d, %q; a question that fails must show in the code and end nothing", got.code, got.out)
	}
	calls := d.near.Calls()
	if len(calls) != 3 {
		t.Fatalf("%d calls, want 3: blank lines are no questions", len(calls))
	}
	var sent struct {
		Messages []struct{ Role, Content string }
	}
	if err := json.Unmarshal([]byte(calls[2]), &sent); err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, m := range sent.Messages {
		said = append(said, m.Role+": "+m.Content)
	}
	want := []string{"user: where is my refund", "assistant: First answer", "user: give me my money back"}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Errorf("the last call (-want +got):\n%s", diff)
	}
}

func TestEndingChatCancelsTheCall(t *testing.T) {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	gone := make(chan struct{})
	d := startDoubles(t, scripts(func(w forwardtest.Wire) {
		w.Send(w.Piece("begun"))
		w.Hang()
		close(gone)
	}), scripts(says("never")))
	ledger := filepath.Join(t.TempDir(), "calls.db")
	ctx, interrupt := context.WithCancel(t.Context())
	out, stderr := &callingWriter{wrote: interrupt}, &writer{}
	code := run(ctx, []string{"chat", "--catalog", d.catalog, "--ledger", ledger, "where is my refund"},
		stdio{in: strings.NewReader(""), out: out, err: stderr})
	if len(d.near.Calls()) == 0 {
		t.Fatalf("code %d without any call: %s", code, stderr)
	}
	<-gone
	if code != exitFailed || out.String() != "begun\n" || lastLine(stderr.String()) != "semroute: the answer was cancelled" {
		t.Errorf("code %d, %q, %q", code, out, stderr)
	}
	if n := len(d.far.Calls()); n != 0 {
		t.Errorf("%d calls to the next model after the caller had gone", n)
	}
	if got := sumsOf(t, ledger).Total; got.Calls != 1 || got.Failed != 1 || got.Answer == 0 {
		t.Errorf("the ledger has %+v; what was used up to then must be counted", got)
	}
}

func TestChatIsRefused(t *testing.T) {
	d := startDoubles(t, scripts(says("x")), scripts(says("x")))
	keyed := startDoubles(t, scripts(says("x")), scripts(says("x")), "rules:\n  - {name: r, when: 'prompt == \"x\"', model: unused}\n")
	budget := startDoubles(t, scripts(says("x")), scripts(says("x")), "budgets:\n  - {name: b, per: user, usd: 1}\n")
	silent := startDoubles(t, scripts(func(w forwardtest.Wire) { w.Hang() }), scripts(says("x")))
	tests := map[string]struct {
		args []string
		code int
		says string
	}{
		"without a catalog":                    {[]string{"chat", "hi"}, exitWrongUse, "no catalog is named"},
		"with two prompts":                     {[]string{"chat", "--catalog", d.catalog, "a", "b"}, exitWrongUse, "accepts at most 1 arg"},
		"with a catalog and a server":          {[]string{"chat", "--catalog", d.catalog, "--server", "x:1", "a"}, exitWrongUse, "--catalog is the server's affair"},
		"with a ledger and a server":           {[]string{"chat", "--ledger", "x", "--server", "x:1", "a"}, exitWrongUse, "--ledger is the server's affair"},
		"with a negative bound":                {[]string{"chat", "--catalog", d.catalog, "--max-tokens", "-1", "a"}, exitWrongUse, "--max-tokens"},
		"where nothing answers":                {[]string{"chat", "--server", "127.0.0.1:1", "--wait", "0s", "a"}, exitFailed, "server 127.0.0.1:1: "},
		"without models":                       {[]string{"chat", "--catalog", catalogFile(t, "routes:\n  - {name: a, utterances: [x]}\n"), "a"}, exitWrongUse, "names no models"},
		"without the key of a reachable model": {[]string{"chat", "--catalog", keyed.catalog, "a"}, exitWrongUse, "set the environment variable SEMROUTE_TEST_KEY_THAT_NOBODY_SETS"},
		"with budgets but no ledger":           {[]string{"chat", "--catalog", budget.catalog, "a"}, exitWrongUse, "give --ledger PATH"},
		"with an unknown way to keep prompts":  {[]string{"chat", "--catalog", d.catalog, "--ledger", filepath.Join(t.TempDir(), "l"), "--store-prompts", "some", "a"}, exitWrongUse, "none, hash, redact or full"},
		"when it takes too long":               {[]string{"chat", "--catalog", silent.catalog, "--timeout", "50ms", "where is my refund"}, exitFailed, "no whole answer within 50ms"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := runWith(t, "", test.args...)
			if got.code != test.code || !strings.Contains(got.err, test.says) || got.out != "" {
				t.Errorf("code %d, want %d; %q on standard error, want %q in it", got.code, test.code, got.err, test.says)
			}
		})
	}
}

func TestDecidingNeedsNoKeys(t *testing.T) {
	d := startDoubles(t, scripts(says("x")), scripts(says("x")), "rules:\n  - {name: r, when: 'prompt == \"x\"', model: unused}\n")
	if got := runWith(t, "", "route", "--catalog", d.catalog, "where is my refund"); got.code != exitDone {
		t.Errorf("code %d: %s", got.code, got.err)
	}
}

func TestABudgetOutlivesTheProcess(t *testing.T) {
	// An answer is held to be 1,024 tokens long: at 2 USD a million that is
	// 2,048 µUSD, and the first call really costs 12.
	d := startDoubles(t, scripts(says("x")), scripts(says("x")), "budgets:\n  - {name: small, per: user, usd: 0.002080}\n")
	ledger := filepath.Join(t.TempDir(), "calls.db")
	ask := func(user string) ran {
		return runWith(t, "", "chat", "--catalog", d.catalog, "--ledger", ledger, "--user", user, "where is my refund")
	}
	for range 2 {
		if got := ask("ann"); got.code != exitDone {
			t.Fatalf("code %d: %s", got.code, got.err)
		}
	}
	if got := ask("ann"); got.code != exitFailed || !strings.Contains(got.err, `budget is spent: user "ann"`) {
		t.Errorf("code %d, %s; want the budget to be spent", got.code, got.err)
	}
	if got := ask("bob"); got.code != exitDone {
		t.Errorf("code %d, %s; another user has a budget of their own", got.code, got.err)
	}
	if n := len(d.near.Calls()); n != 3 {
		t.Errorf("%d calls, want 3: a spent budget is found before any call", n)
	}
}
