package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/semroute/semroute/forward/forwardtest"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// boats is a catalog whose route of boats has that name.
func boats(name string) string {
	return "routes:\n  - {name: " + name + ", utterances: [boats on the sea, sailing ships]}\n  - {name: clouds, utterances: [clouds in the sky, rain is near]}\n"
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// routeOf is the route that the server decides for boats.
func (s *served) routeOf(t *testing.T) string {
	t.Helper()
	resp, err := semroutev1.NewRouterServiceClient(s.conn).Route(t.Context(), &semroutev1.RouteRequest{Prompt: request("boats on the sea").GetPrompt()})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetDecision().GetRoute()
}

// waitForRoute waits until the server decides by a changed catalog.
func (s *served) waitForRoute(t *testing.T, want string) {
	t.Helper()
	waitFor(t, func() bool { return s.routeOf(t) == want }, s.log)
}

func (s *served) waitForLog(t *testing.T, want string) {
	t.Helper()
	waitFor(t, func() bool { return strings.Contains(s.log.String(), want) }, s.log)
}

func hangUp(t *testing.T) {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
}

func TestServeTakesChangesOfItsFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "catalog")
	file := filepath.Join(dir, "a.yaml")
	put(t, file, boats("boats"))
	s := serveInProcess(t, "--catalog", dir)
	s.waitForRoute(t, "boats")

	put(t, file, boats("ships")) // an editor that writes in place
	s.waitForRoute(t, "ships")

	put(t, file, "routes:\n  - {name: yachts, utterence: [boats on the sea]}\n")
	s.waitForLog(t, "a.yaml:2:20: ")
	if got := s.routeOf(t); got != "ships" {
		t.Errorf("with a broken file it decides %q", got)
	}

	put(t, filepath.Join(dir, "a.yaml~"), boats("yachts")) // an editor that renames
	if err := os.Rename(filepath.Join(dir, "a.yaml~"), file); err != nil {
		t.Fatal(err)
	}
	s.waitForRoute(t, "yachts")

	put(t, filepath.Join(dir, "more.yaml"), "routes:\n  - {name: fleets, utterance_files: [more.txt]}\n")
	s.waitForLog(t, "more.yaml:2")
	put(t, filepath.Join(dir, "more.txt"), "fleets of many boats\n")
	hangUp(t)
	s.waitForLog(t, `"routes":3`)
}

func TestServeTakesAConfigMapThatIsSwapped(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "catalog")
	swap := func(folder, name string) {
		put(t, filepath.Join(dir, folder, "a.yaml"), boats(name))
		if err := os.Symlink(folder, filepath.Join(dir, "..data_tmp")); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	swap("..one", "boats")
	if err := os.Symlink("..data/a.yaml", filepath.Join(dir, "a.yaml")); err != nil {
		t.Fatal(err)
	}
	s := serveInProcess(t, "--catalog", dir)
	for i, name := range []string{"ships", "yachts"} {
		swap(fmt.Sprint("..later", i), name)
		s.waitForRoute(t, name)
	}
}

func TestServeReadsItsCatalogAgainAfterSIGHUP(t *testing.T) {
	file := catalogFile(t, boats("boats"))
	s := serveInProcess(t, "--catalog", file, "--watch=false")
	put(t, file, boats("ships"))
	if got := s.routeOf(t); got != "boats" {
		t.Errorf("it decides %q without being told", got)
	}
	hangUp(t)
	s.waitForRoute(t, "ships")
	s.stop()
	if code := <-s.code; code != exitDone {
		t.Errorf("exit code %d; log:\n%s", code, s.log)
	}
	if last := lastLine(s.log.String()); !strings.Contains(last, `"message":"stopped"`) {
		t.Errorf("the last line is %s", last)
	}
}

// TestServeCallsByTheCatalogInPlace changes whom a route calls, takes all models
// away and gives them back, while calls are made all the time.
func TestServeCallsByTheCatalogInPlace(t *testing.T) {
	many := func(words string) []forwardtest.Script {
		list := make([]forwardtest.Script, 20_000)
		for i := range list {
			list[i] = says(words)
		}
		return list
	}
	d := startDoubles(t, many("near"), many("far"))
	raw, err := os.ReadFile(d.catalog)
	if err != nil {
		t.Fatal(err)
	}
	near := string(raw)
	far := strings.Replace(near, "models: [near, far]", "models: [far, near]", 1)
	budgets := "\nbudgets:\n  - {name: poor, per: user, match: ann, usd: 0.000001}\n"
	s := serveInProcess(t, "--catalog", d.catalog, "--ledger", filepath.Join(t.TempDir(), "calls.db"))
	client := semroutev1.NewRouterServiceClient(s.conn)
	called := func() (string, error) {
		got, err := stream(t, client, request("where is my refund"))
		return got.record.GetModel(), err
	}
	waitForCall := func(want string) {
		t.Helper()
		waitFor(t, func() bool { model, err := called(); return err == nil && model == want }, s.log)
	}
	waitForCall("near")

	over := make(chan struct{})
	var callers sync.WaitGroup
	for range 2 {
		callers.Go(func() {
			for {
				select {
				case <-over:
					return
				default:
				}
				resp, err := client.Route(t.Context(), &semroutev1.RouteRequest{Prompt: request("where is my refund").GetPrompt(), Forward: true})
				if err != nil {
					t.Errorf("a call during a change: %v", err)
					return
				}
				if want := resp.GetDecision().GetModels()[0]; resp.GetRecord().GetModel() != want {
					t.Errorf("decided for %q, called %q", want, resp.GetRecord().GetModel())
				}
			}
		})
	}
	for range 3 {
		put(t, d.catalog, far)
		waitForCall("far")
		put(t, d.catalog, near)
		waitForCall("near")
	}
	close(over)
	callers.Wait()

	spent := request("where is my refund")
	spent.Prompt.User = &semroutev1.User{Id: "ann"}
	put(t, d.catalog, near+budgets)
	waitFor(t, func() bool { _, err := stream(t, client, spent); return reason(err) == "BUDGET_SPENT" }, s.log)
	put(t, d.catalog, "routes:\n  - {name: refunds, utterances: [where is my refund]}\n")
	waitFor(t, func() bool { _, err := called(); return status.Code(err) == codes.Unimplemented }, s.log)
	put(t, d.catalog, near)
	waitForCall("near")
	put(t, d.catalog, strings.Replace(near, "models: [near, far]", "models: [unused]", 1)) // its key is missing
	s.waitForLog(t, "SEMROUTE_TEST_KEY_THAT_NOBODY_SETS")
	waitForCall("near")
}

func TestTheGateKeepsWorseCatalogsOut(t *testing.T) {
	data := filepath.Join(t.TempDir(), "prompts.jsonl")
	put(t, data, `{"text": "boats on the sea", "route": "boats"}`+"\n"+`{"text": "rain is near", "route": "clouds"}`+"\n")
	worse := "routes:\n  - {name: boats, utterances: [clouds in the sky, rain is near]}\n  - {name: clouds, utterances: [boats on the sea, sailing ships]}\n"
	twice := boats("boats") + "  - {name: rain, utterances: [rain is falling, Rain is near!]}\n"
	for name, tt := range map[string]struct {
		gate  []string
		worse string
		want  string
	}{
		"a measure":       {[]string{"--gate", "accuracy=0.9", "--gate-data", data}, worse, "accuracy is 0, at least 0.9 was asked"},
		"an upper bound":  {[]string{"--gate", "ece<=0.1", "--gate-data", data}, worse, "at most 0.1 was asked"},
		"a missing route": {[]string{"--gate", "accuracy=0.9", "--gate-data", data}, boats("ships"), `boats`},
		"lint":            {[]string{"--gate", "lint"}, twice, "(conflict)"},
	} {
		t.Run(name, func(t *testing.T) {
			file := catalogFile(t, boats("boats"))
			s := serveInProcess(t, append(tt.gate, "--catalog", file)...)
			put(t, file, tt.worse)
			s.waitForLog(t, "is not taken")
			if log := s.log.String(); !strings.Contains(log, "the gate refuses the catalog") || !strings.Contains(log, tt.want) {
				t.Errorf("the log does not say what was missed:\n%s", log)
			}
			if got := s.routeOf(t); got != "boats" {
				t.Errorf("it decides %q", got)
			}
			put(t, file, boats("boats")+"  - {name: trees, utterances: [trees in the wood, an old oak]}\n")
			s.waitForLog(t, `"routes":3`)
		})
	}
}

func TestAGateThatCannotBeHeldIsRefusedAtStart(t *testing.T) {
	for want, args := range map[string][]string{
		"--gate-data": {"--gate", "accuracy=0.9"},
		"accuracy":    {"--gate", "acuracy=0.9", "--gate-data", "x.jsonl"},
		"x.jsonl":     {"--gate", "accuracy=0.9", "--gate-data", "x.jsonl"},
	} {
		got := runWith(t, "", append([]string{"serve", "--catalog", "../../examples/support", "--listen", "127.0.0.1:0"}, args...)...)
		if got.code != exitWrongUse || !strings.Contains(got.err, want) {
			t.Errorf("%q: code %d, %s", args, got.code, got.err)
		}
	}
}
