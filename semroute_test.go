package semroute_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
)

const shop = `routes:
  - {name: refunds, utterances: [give me my money back, refund this order, i want a refund]}
  - {name: parcels, utterances: [where is my parcel, track my delivery, the parcel is late]}
`

func catalogFile(t *testing.T, yaml string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func open(t *testing.T, path string, o semroute.Options) *semroute.Engine {
	t.Helper()
	e, err := semroute.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestReloadTakesWhatTheFilesSayNow(t *testing.T) {
	path := catalogFile(t, shop)
	e := open(t, path, semroute.Options{})
	before := e.Status()
	if err := os.WriteFile(path, []byte(shop+"  - {name: weather, utterances: [will it rain, how warm is it today]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := e.Status()
	if after.Routes != before.Routes+1 || after.Fingerprint == before.Fingerprint {
		t.Errorf("status %+v after %+v, want one route more", after, before)
	}
	d, err := e.Decide(t.Context(), semroute.Prompt{Text: "will it rain"})
	if err != nil || d.Fingerprint != after.Fingerprint || d.Candidates[0].Route != "weather" {
		t.Errorf("decision %+v, %v", d, err)
	}
}

func TestRollbackReturnsToTheCatalogBefore(t *testing.T) {
	path := catalogFile(t, shop)
	e := open(t, path, semroute.Options{})
	before := e.Status()
	if err := e.Rollback(t.Context()); !errors.Is(err, semroute.ErrNothingEarlier) {
		t.Errorf("without anything earlier: %v", err)
	}
	if err := os.WriteFile(path, []byte(shop+"  - {name: weather, utterances: [will it rain, how warm is it today]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	d, err := e.Decide(t.Context(), semroute.Prompt{Text: "i want a refund"})
	if err != nil || d.Fingerprint != before.Fingerprint || e.Status().Routes != before.Routes {
		t.Errorf("decision by %s, %v; want %s", d.Fingerprint, err, before.Fingerprint)
	}
}

func TestAFailedReloadChangesNothing(t *testing.T) {
	path := catalogFile(t, shop)
	e := open(t, path, semroute.Options{})
	before := e.Status().Fingerprint
	if err := os.WriteFile(path, []byte("routes: [{name: 7"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := e.Reload(t.Context()); err == nil {
		t.Error("a broken file is loaded")
	}
	d, err := e.Decide(t.Context(), semroute.Prompt{Text: "refund this order"})
	if err != nil || d.Fingerprint != before {
		t.Errorf("decision by %s, %v; want the generation before, %s", d.Fingerprint, err, before)
	}
}

func TestBatchIsDecidedInOrder(t *testing.T) {
	e := open(t, catalogFile(t, shop), semroute.Options{})
	decisions, err := e.DecideBatch(t.Context(), []semroute.Prompt{{Text: "where is my parcel"}, {Text: "i want a refund"}})
	if err != nil || len(decisions) != 2 {
		t.Fatalf("%d decisions, %v", len(decisions), err)
	}
	for i, want := range []string{"parcels", "refunds"} {
		if got := decisions[i].Candidates[0].Route; got != want {
			t.Errorf("prompt %d: %s, want %s", i, got, want)
		}
	}
}

func TestAnEmbedderOfOnesOwn(t *testing.T) {
	fake, err := embedtest.New(embedtest.Config{})
	if err != nil {
		t.Fatal(err)
	}
	e := open(t, catalogFile(t, shop), semroute.Options{
		OpenEmbedder: func(context.Context) (embed.Embedder, error) { return fake, nil },
	})
	if _, err := e.Decide(t.Context(), semroute.Prompt{Text: "i want a refund"}); err != nil {
		t.Fatal(err)
	}
	if fake.Texts() == 0 {
		t.Error("it was never asked")
	}
	fake.Fail(embed.ErrUnreachable)
	if _, err := e.Decide(t.Context(), semroute.Prompt{Text: "another one"}); !errors.Is(err, semroute.ErrEmbedder) {
		t.Errorf("%v, want ErrEmbedder", err)
	}
}
