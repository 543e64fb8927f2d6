//go:build integration && linux

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
)

// What a round of the soak is made of.
const (
	soakTraffic = 8 * time.Second
	soakQuiet   = 2 * time.Second
	soakCallers = 4
	soakPause   = 20 * time.Millisecond
)

// held is what a server holds when nobody asks it.
type held struct{ heap, goroutines, descriptors float64 }

// TestSoak has a server under traffic by every way in while its catalog is changed and
// the way to each part breaks in turn, round by round, and after each round asks what
// it still holds: memory, goroutines, descriptors stay what they were. `make soak`
// takes half an hour.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("SOAK_FOR"))
	if err != nil {
		length = time.Minute
	}
	var troubles []trouble
	proxied := func(part, address string) string {
		at, more := behind(t, part, address)
		troubles = append(troubles, more...)
		return at
	}
	_, at := serveApart(t, "--catalog", faultsCatalogFor(t, proxied("model", assistant(t))),
		"--embedder", "ollama", "--ollama-host", proxied("Ollama", staticOllama(t)), "--no-static-stage", "--embed-budget", "1s",
		"--index", "qdrant", "--qdrant", proxied("Qdrant", qdranttest.New(t).Address()),
		"--store", "sqlite:"+filepath.Join(t.TempDir(), "semroute.db"))
	ways := at.ways(t, at.warm(t))
	ever := asEver(t, ways)
	if t.Failed() {
		return
	}
	var table strings.Builder
	lines := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(lines, "ROUND\tFAULT\tCALLS\tHEAP MiB\tGOROUTINES\tDESCRIPTORS")
	var samples []held
	for round, begun := 0, time.Now(); time.Since(begun) < length; round++ {
		one := troubles[7*round%len(troubles)] // another part each time; 7 shares no factor with how many there are
		calls := at.soak(t, one, ways, ever, round)
		samples = append(samples, at.held(t))
		now := samples[round]
		_, _ = fmt.Fprintf(lines, "%d\t%s %s\t%d\t%.1f\t%.0f\t%.0f\n", round, one.part, one.name, calls, now.heap/(1<<20), now.goroutines, now.descriptors)
	}
	_ = lines.Flush()
	t.Logf("\n%s", table.String())
	for name, of := range map[string]struct {
		read  func(held) float64
		slack float64
	}{
		"bytes of heap": {func(h held) float64 { return h.heap }, 8 << 20},
		"goroutines":    {func(h held) float64 { return h.goroutines }, 10},
		"descriptors":   {func(h held) float64 { return h.descriptors }, 10},
	} {
		early, late := thirds(samples, of.read)
		if least, most := slices.Min(late), slices.Max(early); least > 1.25*most+of.slack {
			t.Errorf("%s grow: at most %.0f in the first third, at least %.0f in the last", name, most, least)
		}
	}
}

// thirds are the values of the first third of the samples, and of the last.
func thirds(samples []held, read func(held) float64) (early, late []float64) {
	for i, s := range samples {
		if i <= len(samples)/3 {
			early = append(early, read(s))
		}
		if i >= len(samples)-1-len(samples)/3 {
			late = append(late, read(s))
		}
	}
	return early, late
}

// soak is one round: traffic, in the first half of it with a fault, and then rest. It
// says how many calls were made. A decision is never wrong; what the changes of the
// catalog change is not compared.
func (s target) soak(t *testing.T, one trouble, ways []wayIn, ever []reply, round int) int64 {
	t.Helper()
	end := time.Now().Add(soakTraffic)
	var calls atomic.Int64
	var group sync.WaitGroup
	for caller := range soakCallers {
		group.Go(func() {
			for i := caller; time.Now().Before(end); i += soakCallers {
				w := &ways[(i+round)%len(ways)]
				got, said := w.try(ever[(i+round)%len(ways)])
				if got == late || got == wrong && decides(w.name) {
					t.Errorf("%s %s, %s: %s, %q %v", one.part, one.name, w.name, got, said.same, said.err)
				}
				calls.Add(1)
				time.Sleep(soakPause)
			}
		})
	}
	group.Go(func() { s.change(t, round) })
	if err := one.begin(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(soakTraffic / 2)
	if err := one.end(); err != nil {
		t.Fatal(err)
	}
	group.Wait()
	s.http.CloseIdleConnections()
	time.Sleep(soakQuiet)
	return calls.Load()
}

// decides: a way in whose answer hangs on what the prompt is decided to be, or on a
// model, and on nothing that the soak changes.
func decides(name string) bool {
	switch {
	case strings.Contains(name, ".RouterService/"), strings.HasPrefix(name, "POST /v1/route"):
		return true
	}
	needed := auth.Needed(auth.Action(name))
	return needed == auth.Decide || needed == auth.Forward
}

// change puts another route into the catalog, or takes it out; a fault may keep it from that.
func (s target) change(t *testing.T, round int) {
	ctx, cancel := context.WithTimeout(t.Context(), soakTraffic)
	defer cancel()
	catalog := semroutev1.NewCatalogServiceClient(s.conn)
	if round%2 == 1 {
		_, _ = catalog.DeleteRoute(ctx, &semroutev1.DeleteRouteRequest{Name: "weather"})
		return
	}
	_, _ = catalog.PutRoute(ctx, &semroutev1.PutRouteRequest{Route: &semroutev1.RouteDefinition{
		Name: "weather", Models: []string{"m"}, Utterances: []string{"will it rain", "how hot will it be", fmt.Sprintf("the forecast for day %d", round)},
	}})
}

// heldBy asks the administrators' listener, after a collection of garbage.
func heldBy(t *testing.T, client *http.Client, admin string) held {
	t.Helper()
	get := func(path string) []byte {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+admin+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %v", path, response.StatusCode, err)
		}
		return body
	}
	get("/debug/pprof/heap?gc=1")
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(get("/metrics"))))
	if err != nil {
		t.Fatal(err)
	}
	gauge := func(name string) float64 {
		family := families[name]
		if family == nil || len(family.GetMetric()) == 0 {
			t.Fatalf("there is no metric %s", name)
		}
		return family.GetMetric()[0].GetGauge().GetValue()
	}
	return held{gauge("go_memstats_heap_alloc_bytes"), gauge("go_goroutines"), gauge("process_open_fds")}
}
