//go:build integration && linux

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	"github.com/semroute/semroute/internal/faults"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/store/postgres/postgrestest"
	"github.com/tidwall/gjson"
	"go.uber.org/goleak"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
)

// faultsCatalog asks models at an upstream; the prompts that are asked belong to its routes.
const faultsCatalog = `
models: [{name: m, provider: openai, model: m, base_url: "http://%s/v1", timeout: 3s}]
routes:
  - {name: refunds, models: [m], max_attempts: 1, utterances: [where is my refund, I want my money back, refund my order please, I was charged twice, give me my money back]}
  - {name: shipping, models: [m], max_attempts: 1, utterances: [where is my parcel, when does my package arrive, track my order, delivery is late, the courier never came]}
fallback: {models: [m]}
`

// staticOllama embeds as Ollama does, by static vectors: what a server does without its
// embedder is looked at here, and a real one takes minutes for the background.
func staticOllama(t *testing.T) string {
	t.Helper()
	embedder, err := static.New(static.Config{})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/tags", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"models":[{"name":"all-minilm:latest","digest":"aaaaaaaaaaaaaaaa"}]}`)
	})
	mux.HandleFunc("POST /api/show", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"capabilities":["embedding"],"model_info":{"general.architecture":"bert","bert.context_length":512,"bert.embedding_length":%d}}`, embedder.Dimension())
	})
	mux.HandleFunc("POST /api/embed", func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		batch, err := embedder.EmbedQueries(r.Context(), request.Input)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"embeddings": batch.Vectors, "prompt_eval_count": len(batch.Vectors)})
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// trouble is one way in which one part fails.
type trouble struct {
	part, name string
	begin, end func() error
}

// wholeTable: `make faults` tries every fault; otherwise those are tried that differ most.
func wholeTable() bool { return os.Getenv("FAULTS") == "all" }

// behind puts a proxy before a part and gives its address and its troubles.
func behind(t *testing.T, part, address string) (string, []trouble) {
	t.Helper()
	p, err := faults.New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	tried := faults.All()
	if !wholeTable() {
		tried = []faults.Fault{faults.Silent, faults.Reset, faults.Corrupt}
	}
	var list []trouble
	for _, f := range tried {
		list = append(list, trouble{part, f.String(), func() error { p.Set(f); return nil }, func() error { p.Heal(); return nil }})
	}
	return p.Address(), list
}

var listensForHTTP = regexp.MustCompile(`"address":"([^"]+)","tls":false,[^}]*"message":"listening for HTTP"`)

// webClient keeps its connections to itself.
func webClient(t *testing.T) *http.Client {
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// behindProxies is a server each of whose parts stands behind a proxy.
func behindProxies(t *testing.T) (target, []trouble) {
	t.Helper()
	var troubles []trouble
	proxied := func(part, address string) string {
		at, more := behind(t, part, address)
		troubles = append(troubles, more...)
		return at
	}
	catalog := faultsCatalogFor(t, proxied("model", assistant(t)))
	database := postgrestest.Start(t)
	at := regexp.MustCompile(`@([^/]+)/`).FindStringSubmatch(database.URL)
	if at == nil {
		t.Fatalf("no host in %s", database.URL)
	}
	s := serveInProcess(t, "--catalog", catalog, "--embedder", "ollama", "--ollama-host", proxied("Ollama", staticOllama(t)), "--no-static-stage",
		"--index", "qdrant", "--qdrant", proxied("Qdrant", qdranttest.New(t).Address()), "--embed-budget", "1s", "--embed-cache-bytes", "0",
		"--source", "store", "--store", strings.Replace(database.URL, at[1], proxied("PostgreSQL", at[1]), 1), "--store-prompts", "full",
		"--http-listen", "127.0.0.1:0")
	troubles = append(troubles,
		trouble{"PostgreSQL", "stopped", database.Stop, database.Continue},
		trouble{"PostgreSQL", "crashed", database.Kill, database.Boot})
	web := listensForHTTP.FindStringSubmatch(s.log.String())
	if web == nil {
		t.Fatalf("no HTTP: %s", s.log)
	}
	return target{conn: s.conn, web: "http://" + web[1], http: webClient(t)}, troubles
}

// warm waits until no static vectors stand in any more, and has one decision kept and
// judged and one response kept.
func (s target) warm(t *testing.T) kept {
	t.Helper()
	router := semroutev1.NewRouterServiceClient(s.conn)
	prompt := &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: "where is my refund"}, User: &semroutev1.User{Id: "whoever was first"}}
	waitUntil(t, 5*time.Minute, "the first generation is not built", func() bool {
		r, err := router.Route(t.Context(), &semroutev1.RouteRequest{Prompt: prompt})
		return err == nil && len(r.GetDecision().GetDegradations()) == 0
	})
	first, err := router.Route(t.Context(), &semroutev1.RouteRequest{Prompt: prompt, Forward: true})
	if err != nil {
		t.Fatal(err)
	}
	decision := first.GetDecision().GetDecisionId()
	waitUntil(t, time.Minute, "the decision is not kept", func() bool {
		_, err := semroutev1.NewTrafficServiceClient(s.conn).GetDecision(t.Context(), &semroutev1.GetDecisionRequest{DecisionId: decision})
		return err == nil
	})
	judged := &semroutev1.Feedback{DecisionId: decision, Verdict: semroutev1.Feedback_RIGHT}
	if _, err := semroutev1.NewFeedbackServiceClient(s.conn).GiveFeedback(t.Context(), &semroutev1.GiveFeedbackRequest{Feedback: judged, IdempotencyKey: "once"}); err != nil {
		t.Fatal(err)
	}
	got, err := semroutev1.NewCatalogServiceClient(s.conn).GetRoute(t.Context(), &semroutev1.GetRouteRequest{Name: "refunds"})
	if err != nil {
		t.Fatal(err)
	}
	definition, err := protojson.Marshal(got.GetRoute())
	if err != nil {
		t.Fatal(err)
	}
	response, _, _, err := s.send(t.Context(), http.MethodPost, "/v1/responses", `{"model":"auto","input":"where is my refund"}`)
	if err != nil {
		t.Fatal(err)
	}
	return kept{decision, gjson.GetBytes(response, "id").String(), string(definition)}
}

func waitUntil(t *testing.T, atMost time.Duration, otherwise string, done func() bool) {
	t.Helper()
	for begun := time.Now(); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > atMost {
			t.Fatal(otherwise)
		}
	}
}

// faultsAtOnce is how many calls are made at the same time.
const faultsAtOnce = 12

// each asks by every way in, some at the same time.
func each(ways []wayIn, do func(i int)) {
	var group sync.WaitGroup
	free := make(chan struct{}, faultsAtOnce)
	for i := range ways {
		free <- struct{}{}
		group.Go(func() { do(i); <-free })
	}
	group.Wait()
}

// asEver is what every way in gives while all is well.
func asEver(t *testing.T, ways []wayIn) []reply {
	t.Helper()
	list := make([]reply, len(ways))
	for i, w := range ways {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		list[i] = w.ask(ctx)
		cancel()
		if got := list[i]; got.degraded || strings.Contains(got.code, "InvalidArgument") || got.err != nil && !blamesCaller(got.code) && !strings.HasPrefix(got.code, "501") {
			t.Errorf("%s, while all is well: %q, %v", w.name, got.same, got.err)
		}
	}
	return list
}

// recovery is the longest that a way in may take to be as ever after a fault. The whole
// table is made on a machine that does nothing else.
func recovery() time.Duration {
	if wholeTable() {
		return 2 * time.Second
	}
	return 10 * time.Second
}

// endure makes the rows of the table: it has each trouble begin, asks by every way in,
// ends it, and waits until all is as ever.
func (s target) endure(t *testing.T, troubles []trouble) {
	t.Helper()
	ways := s.ways(t, s.warm(t))
	ever := asEver(t, ways)
	if t.Failed() {
		return
	}
	before := s.held(t)
	var table strings.Builder
	lines := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(lines, "PART\tFAULT\tSOUND\tDEGRADED\tERROR\tWRONG\tHUNG\tAS EVER AFTER\tTHE LAST")
	for _, one := range troubles {
		if err := one.begin(); err != nil {
			t.Fatalf("%s %s: %v", one.part, one.name, err)
		}
		outcomes, replies := make([]outcome, len(ways)), make([]reply, len(ways))
		each(ways, func(i int) { outcomes[i], replies[i] = ways[i].try(ever[i]) })
		if err := one.end(); err != nil {
			t.Fatalf("%s %s, the end: %v", one.part, one.name, err)
		}
		count := map[outcome]int{}
		for i, got := range outcomes {
			count[got]++
			if r := replies[i]; got == wrong || got == late || got == refused && one.part != "server" && unthoughtOf(r.code) {
				t.Errorf("%s %s, %s: %s, %s %q %v; as ever %s %q", one.part, one.name, ways[i].name, got, r.code, r.same, r.err, ever[i].code, ever[i].same)
			}
		}
		took, last := healed(ways, ever)
		if took > recovery() {
			t.Errorf("%s %s: as ever after %s: %s", one.part, one.name, took, last)
		}
		s.keepsNothing(t, one, before)
		_, _ = fmt.Fprintf(lines, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%.1f s\t%s\n", one.part, one.name, count[sound], count[degraded], count[refused], count[wrong], count[late], took.Seconds(), last)
	}
	_ = lines.Flush()
	t.Logf("%d ways in\n%s", len(ways), table.String())
}

// unthoughtOf: an error that tells nobody whether to try again. Only a server that is
// itself without what it needs may answer so.
func unthoughtOf(code string) bool {
	return code == codes.Internal.String() || code == codes.Unknown.String() || strings.HasPrefix(code, "500")
}

// healed asks by every way in until it is as ever; it says how long the last one took.
func healed(ways []wayIn, ever []reply) (took time.Duration, last string) {
	start := time.Now()
	var mu sync.Mutex
	each(ways, func(i int) {
		tries, begun := 0, time.Now()
		for time.Since(start) < 30*time.Second {
			tries++
			if got, _ := ways[i].try(ever[i]); got == sound {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		mu.Lock()
		defer mu.Unlock()
		now := time.Since(start)
		if tries == 1 {
			now = time.Since(begun) // others were asked before
		}
		if now > took {
			took, last = now, ways[i].name
		}
	})
	return took, last
}

// held is what a server in a process of its own holds; nothing of one in the test's.
func (s target) held(t *testing.T) held {
	t.Helper()
	if s.admin == "" {
		return held{}
	}
	s.http.CloseIdleConnections()
	return heldBy(t, s.http, s.admin)
}

// keepsNothing waits until a server in a process of its own has no more goroutines and
// descriptors than before the fault, but for some of a call that ends. For one in the
// test's process goleak looks at the end.
func (s target) keepsNothing(t *testing.T, one trouble, before held) {
	t.Helper()
	const slack = 10
	var now held
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(100 * time.Millisecond) {
		now = s.held(t)
		if now.goroutines <= before.goroutines+slack && now.descriptors <= before.descriptors+slack {
			return
		}
	}
	t.Errorf("%s %s: %.0f goroutines and %.0f descriptors, before it %.0f and %.0f", one.part, one.name, now.goroutines, now.descriptors, before.goroutines, before.descriptors)
}

// TestFaults breaks the way to each part in every way and asks by every way in: no
// answer may be wrong without saying so, none may hang, all is as ever soon after the
// fault is over, and nothing is left running. `make faults` prints the whole table.
func TestFaults(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() { goleak.VerifyNone(t, before) }) // when all the rest has ended
	server, troubles := behindProxies(t)
	server.endure(t, troubles)
}
