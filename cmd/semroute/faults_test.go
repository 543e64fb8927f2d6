//go:build integration

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	"github.com/semroute/semroute/internal/faults"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store/postgres/postgrestest"
	"github.com/tidwall/gjson"
	"google.golang.org/grpc/status"
)

// faultPatience is how long a call waits, and faultLate how much longer it may take to end.
const (
	faultPatience = 2 * time.Second
	faultLate     = 4 * time.Second
)

// outcome is what became of a call while a part fails.
type outcome string

const (
	sound    outcome = "sound"    // the same as ever
	degraded outcome = "degraded" // an answer that says what it had to do without
	refused  outcome = "error"    // an error, told as one
	wrong    outcome = "WRONG"    // an answer that is not as ever and does not say so
	late     outcome = "HUNG"
)

// wayIn is one RPC or path. Its call gives what is the same as long as all is well,
// and whether the answer says that it is degraded.
type wayIn struct {
	name string
	call func(ctx context.Context) (same string, isDegraded bool, err error)
}

// faultsCatalog asks models at an upstream; the prompts below belong to its routes.
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

// faultyServer is a server each of whose parts stands behind a proxy.
type faultyServer struct {
	*served
	web   string
	parts map[string]*faults.Proxy
}

func newFaultyServer(t *testing.T) *faultyServer {
	t.Helper()
	ollama := staticOllama(t)
	database := postgrestest.URL(t)
	upstream := httptest.NewServer(forwardtest.Assistant(routes.OpenAI))
	t.Cleanup(upstream.Close)
	f := &faultyServer{parts: map[string]*faults.Proxy{}}
	behind := func(name, address string) string {
		p, err := faults.New(address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = p.Close() })
		f.parts[name] = p
		return p.Address()
	}
	at := regexp.MustCompile(`@([^/]+)/`).FindStringSubmatch(database)
	if at == nil {
		t.Fatalf("no host in %s", database)
	}
	catalog := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(catalog, fmt.Appendf(nil, faultsCatalog, behind("model", upstream.Listener.Addr().String())), 0o600); err != nil {
		t.Fatal(err)
	}
	f.served = serveInProcess(t, "--catalog", catalog, "--embedder", "ollama", "--ollama-host", behind("Ollama", ollama), "--no-static-stage",
		"--index", "qdrant", "--qdrant", behind("Qdrant", qdranttest.New(t).Address()), "--embed-budget", "1s",
		"--store", strings.Replace(database, at[1], behind("PostgreSQL", at[1]), 1), "--http-listen", "127.0.0.1:0", "--embed-cache-bytes", "0")
	f.web = "http://" + regexp.MustCompile(`"address":"([^"]+)","tls":false,"time":"[^"]*","message":"listening for HTTP"`).FindStringSubmatch(f.log.String())[1]
	return f
}

// ways are those that are tried: deciding and calling by every protocol, and what
// reads and writes the store.
func (f *faultyServer) ways() []wayIn {
	router := semroutev1.NewRouterServiceClient(f.conn)
	prompt := &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: "where is my refund"}}
	routed := func(d *semroutev1.Decision) (string, bool) { return d.GetRoute(), len(d.GetDegradations()) > 0 }
	list := []wayIn{
		{"Route", func(ctx context.Context) (string, bool, error) {
			r, err := router.Route(ctx, &semroutev1.RouteRequest{Prompt: prompt})
			same, isDegraded := routed(r.GetDecision())
			return same, isDegraded, err
		}},
		{"Route, forwarded", func(ctx context.Context) (string, bool, error) {
			r, err := router.Route(ctx, &semroutev1.RouteRequest{Prompt: prompt, Forward: true})
			same, isDegraded := routed(r.GetDecision())
			return same + " " + r.GetAnswer().GetText(), isDegraded, err
		}},
		{"RouteBatch", func(ctx context.Context) (string, bool, error) {
			r, err := router.RouteBatch(ctx, &semroutev1.RouteBatchRequest{Prompts: []*semroutev1.Prompt{prompt, prompt}})
			if err != nil {
				return "", false, err
			}
			same, isDegraded := routed(r.GetDecisions()[1])
			return same, isDegraded, nil
		}},
		{"StreamRoute", func(ctx context.Context) (string, bool, error) {
			stream, err := router.StreamRoute(ctx, &semroutev1.StreamRouteRequest{Prompt: prompt})
			if err != nil {
				return "", false, err
			}
			route, text, isDegraded := "", "", false
			for {
				event, err := stream.Recv()
				if err == io.EOF {
					return route + " " + text, isDegraded, nil
				}
				if err != nil {
					return "", false, err
				}
				if d := event.GetDecision(); d != nil {
					route, isDegraded = routed(d)
				}
				text += event.GetPiece().GetText()
			}
		}},
		{"ListRoutes", func(ctx context.Context) (string, bool, error) {
			r, err := semroutev1.NewCatalogServiceClient(f.conn).ListRoutes(ctx, &semroutev1.ListRoutesRequest{})
			return fmt.Sprint(len(r.GetRoutes())), false, err
		}},
		{"ListFeedback", func(ctx context.Context) (string, bool, error) {
			_, err := semroutev1.NewFeedbackServiceClient(f.conn).ListFeedback(ctx, &semroutev1.ListFeedbackRequest{})
			return "", false, err
		}},
		{"ListDecisions", func(ctx context.Context) (string, bool, error) {
			_, err := semroutev1.NewTrafficServiceClient(f.conn).ListDecisions(ctx, &semroutev1.ListDecisionsRequest{PageSize: 1})
			return "", false, err
		}},
	}
	const messages = `"messages":[{"role":"user","content":"where is my refund"}]`
	for _, w := range []struct{ path, body, same, said string }{
		{"/v1/route", `{"prompt":{"text":"where is my refund"}}`, "decision.route", "decision.degradations.#"},
		{"/v1/chat/completions", `{"model":"auto",` + messages + `}`, "choices.0.message.content", ""},
		{"/v1/responses", `{"model":"auto","input":"where is my refund"}`, "output.#.content.0.text", ""},
		{"/v1/messages", `{"model":"auto","max_tokens":9,` + messages + `}`, "content.0.text", ""},
		{"/v1/messages/count_tokens", `{"model":"auto",` + messages + `}`, "input_tokens", ""},
		{"/v1/embeddings", `{"model":"auto","input":"where is my refund"}`, "data.#", ""},
		{"/v1/systemone", `{"model":"auto","state":"where is my refund","questions":{"q":{"type":"choice","criteria":{"refunds":null,"shipping":null}}}}`, "answers.q.choice", ""},
	} {
		list = append(list, wayIn{w.path, func(ctx context.Context) (string, bool, error) {
			answer, err := f.post(ctx, w.path, w.body)
			return gjson.GetBytes(answer, w.same).String(), gjson.GetBytes(answer, w.said).Int() > 0, err
		}})
	}
	return list
}

// post asks by HTTP; a status beyond 299 is an error.
func (f *faultyServer) post(ctx context.Context, path, body string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, f.web+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode > 299 {
		err = fmt.Errorf("%d %s", response.StatusCode, answer)
	}
	if err == nil && !json.Valid(answer) {
		err = fmt.Errorf("no JSON: %s", answer)
	}
	return answer, err
}

// try makes a call and says what became of it.
func (w *wayIn) try(asEver string) (outcome, error) {
	ctx, cancel := context.WithTimeout(context.Background(), faultPatience)
	defer cancel()
	start := time.Now()
	same, isDegraded, err := w.call(ctx)
	switch {
	case time.Since(start) > faultPatience+faultLate:
		return late, err
	case err != nil:
		return refused, err
	case isDegraded:
		return degraded, nil
	case same != asEver:
		return wrong, fmt.Errorf("%q, and %q as ever", same, asEver)
	}
	return sound, nil
}

// TestFaults breaks the way to each part in every way and asks by every way in: no
// answer may be wrong without saying so, none may hang, and all is as ever once the
// fault is over. `make faults` prints the table.
func TestFaults(t *testing.T) {
	f := newFaultyServer(t)
	ways := f.ways()
	asEver := make([]string, len(ways))
	for begun := time.Now(); ; time.Sleep(100 * time.Millisecond) { // until static vectors stand in no more
		if _, isDegraded, err := ways[0].call(t.Context()); err == nil && !isDegraded {
			break
		}
		if time.Since(begun) > 5*time.Minute {
			t.Fatal("the first generation is not built")
		}
	}
	for i, w := range ways {
		same, isDegraded, err := w.call(t.Context())
		if err != nil || isDegraded {
			t.Fatalf("%s, while all is well: %q, %v, %v", w.name, same, isDegraded, err)
		}
		asEver[i] = same
	}
	goroutines := runtime.NumGoroutine()
	var table strings.Builder
	lines := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(lines, "PART\tFAULT\tSOUND\tDEGRADED\tERROR\tWRONG\tHUNG\tAS EVER AFTER")
	parts := []string{"Ollama", "Qdrant", "model", "PostgreSQL"}
	for _, part := range parts {
		for _, fault := range faults.All() {
			f.parts[part].Set(fault)
			count := map[outcome]int{}
			for i := range ways {
				got, err := ways[i].try(asEver[i])
				count[got]++
				if got == wrong || got == late {
					t.Errorf("%s %s, %s: %s, %v", part, fault, ways[i].name, got, err)
				}
				if s, ok := status.FromError(err); got == refused && ok && strings.Contains(s.Message(), "panic") {
					t.Errorf("%s %s, %s: %v", part, fault, ways[i].name, err)
				}
			}
			f.parts[part].Heal()
			took, unhealed := f.healed(ways, asEver)
			if unhealed != "" {
				t.Errorf("%s %s: %s", part, fault, unhealed)
			}
			_, _ = fmt.Fprintf(lines, "%s\t%s\t%d\t%d\t%d\t%d\t%d\t%.1f s\n", part, fault, count[sound], count[degraded], count[refused], count[wrong], count[late], took.Seconds())
		}
	}
	_ = lines.Flush()
	t.Logf("%d ways in, %d parts\n%s", len(ways), len(parts), table.String())
	http.DefaultClient.CloseIdleConnections()
	for range 100 { // what has just ended is still ending
		if runtime.NumGoroutine() <= goroutines+10 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), goroutines)
}

// healed waits until every way in is as ever.
func (f *faultyServer) healed(ways []wayIn, asEver []string) (time.Duration, string) {
	start := time.Now()
	left := make([]int, len(ways))
	for i := range left {
		left[i] = i
	}
	last := ""
	for time.Since(start) < 30*time.Second {
		left = slices.DeleteFunc(left, func(i int) bool {
			got, err := ways[i].try(asEver[i])
			if got != sound {
				last = fmt.Sprintf("%s is still %s: %v", ways[i].name, got, err)
			}
			return got == sound
		})
		if len(left) == 0 {
			return time.Since(start), ""
		}
		time.Sleep(50 * time.Millisecond)
	}
	return time.Since(start), last
}
