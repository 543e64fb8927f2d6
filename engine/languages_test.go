package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

func staticEngine(t *testing.T, catalog *routes.Catalog) *Engine {
	t.Helper()
	e := New(catalog, Config{Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop()})
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func example(t *testing.T, name string) *routes.Catalog {
	t.Helper()
	catalog, err := routes.Load("../examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return catalog
}

// Prompts in a language that neither the catalog nor static vectors know get none.
func TestUnknownLanguagesAreNeverSurelyWrong(t *testing.T) {
	engines := map[string]*Engine{"support": staticEngine(t, example(t, "support")), "assistant": staticEngine(t, example(t, "assistant"))}
	data, err := os.ReadFile("../testdata/prompts/languages.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	wrong, right, n := map[string]int{}, 0, 0
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); n++ {
		var p struct{ Language, Example, Text, Route string }
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		d, err := engines[p.Example].Decide(t.Context(), router.Prompt{Text: p.Text}, router.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case d.Route == p.Route && d.Route != "":
			right++
		case d.Route != p.Route && d.Route != "":
			wrong[p.Language]++
			t.Logf("%s %s %q is %q, decided %q (%.2f)", p.Language, p.Example, p.Text, p.Route, d.Route, d.Confidence)
		case d.Confidence > 0.7:
			t.Errorf("%s %s %q: none, but %.2f sure of %q (%s)", p.Language, p.Example, p.Text, d.Confidence, d.Leading, d.Reason)
		}
	}
	all := 0
	for _, w := range wrong {
		all += w
	}
	t.Logf("of %d: %d right, wrong %v", n, right, wrong)
	if n < 100 || all*100 > 2*n {
		t.Errorf("%d of %d are accepted wrongly, at most 2 %% are allowed: %v", all, n, wrong)
	}
}

// A catalog in another language is asked in that one as before.
func TestCatalogsInOtherLanguages(t *testing.T) {
	tests := map[string]struct {
		yaml    string
		prompts map[string]string
	}{
		"German": {`
routes:
  - {name: lieferung, utterances: [wo ist mein Paket, wann kommt meine Lieferung an, das Paket ist nicht angekommen, Sendungsverfolgung funktioniert nicht]}
  - {name: rechnung, utterances: [ich brauche eine Rechnung, die Rechnung ist falsch, mir wurde zweimal Geld abgebucht, wie kann ich die Rechnung bezahlen]}
`, map[string]string{"wo ist denn mein Paket": "lieferung", "ich brauche bitte eine Rechnung": "rechnung", "die Rechnung stimmt nicht": "rechnung"}},
		"Chinese": {`
routes:
  - {name: delivery, utterances: [我的包裹在哪里, 包裹什么时候到, 快递还没到, 查询物流]}
  - {name: refund, utterances: [我要退款, 怎么申请退款, 退款什么时候到账, 钱还没退给我]}
`, map[string]string{"我的包裹在哪": "delivery", "我要申请退款": "refund"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			catalog, err := routes.Parse("catalog.yaml", []byte(tt.yaml))
			if err != nil {
				t.Fatal(err)
			}
			e := staticEngine(t, catalog)
			for text, route := range tt.prompts {
				d, err := e.Decide(t.Context(), router.Prompt{Text: text}, router.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				if d.Leading != route || d.Reason == router.ReasonFar && d.Confidence < 0.3 {
					t.Errorf("%q leads to %q (%.2f, %s), want %q", text, d.Leading, d.Confidence, d.Reason, route)
				}
			}
		})
	}
}
