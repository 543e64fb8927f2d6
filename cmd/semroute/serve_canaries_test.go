package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/semroute/semroute/forward/forwardtest"
)

// TestCanariesNoticeAnotherModelAndArePaidFor asks a model that answers otherwise
// from the fourth time on.
func TestCanariesNoticeAnotherModelAndArePaidFor(t *testing.T) {
	before := says("it", " is", " 391")
	near := forwardtest.NewServer(t, forwardtest.Ollama(), before, before, before, says("certainly", " here", " are", " some", " other", " words"))
	catalog := catalogFile(t, `
models:
  - name: near
    provider: ollama
    model: m
    base_url: `+near.URL+`
    price: {input_per_mtok: 1, output_per_mtok: 2}
    canaries: ["What is 17 times 23?"]
routes:
  - {name: refunds, models: [near], utterances: [where is my refund, i was charged twice, give me my money back]}
  - {name: parcels, models: [near], utterances: [track my parcel, when does my order arrive, the delivery is late]}
`)
	ledger := filepath.Join(t.TempDir(), "calls.db")
	s := serveInProcess(t, "--catalog", catalog, "--ledger", ledger, "--canary-every", "20ms")
	waitFor(t, func() bool {
		return strings.Contains(s.ask(t, "alarms"), "canary: model near answers its canary prompts otherwise than before")
	}, s.log)
	if asked := near.Calls()[0]; !strings.Contains(asked, "What is 17 times 23?") || !strings.Contains(asked, `"temperature":0`) {
		t.Errorf("asked %s", asked)
	}
	s.stop()
	<-s.code
	got := runWith(t, "", "report", "--ledger", ledger)
	if got.code != exitDone || !strings.Contains(got.out, canaryUser) {
		t.Errorf("the ledger says nothing of who asked: %d %s%s", got.code, got.out, got.err)
	}
}
