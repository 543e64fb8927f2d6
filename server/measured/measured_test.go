package measured_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server/measured"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/telemetry"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

var update = flag.Bool("update", false, "write the page's table again")

var errNo = errors.New("no")

// decider decides for the route that the prompt names, and fails on none.
type decider struct{}

func (decider) Decide(_ context.Context, p router.Prompt, _ router.Limits) (router.Decision, error) {
	if p.Text == "" {
		return router.Decision{}, errNo
	}
	return router.Decision{ID: "d", Route: p.Text, Confidence: 0.9, Stage: router.StageSemantic, Degraded: []router.Degradation{{Cause: router.CauseEmbedder, Text: "x"}}, Timings: router.Timings{Total: 100, Rules: 10, Embed: 50, Search: 20, Score: 20}}, nil
}

func (d decider) DecideBatch(ctx context.Context, prompts []router.Prompt, l router.Limits) ([]router.Decision, error) {
	var all []router.Decision
	for _, p := range prompts {
		one, err := d.Decide(ctx, p, l)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// forwarder fails once and then answers.
type forwarder struct{ err error }

func (f forwarder) Forward(context.Context, forward.Call, forward.Sink) (forward.Record, error) {
	r := forward.Record{
		Decision: forward.Decision{ID: "d", Route: "billing"}, Model: "small", FirstPiece: 30 * time.Millisecond,
		Session: &forward.Session{Previous: "large", Switched: true, Reason: "failed"},
		Costs:   forward.Costs{Answer: 2_000_000_000, Failed: 1_000_000_000, Routing: 1000},
		Attempts: []forward.Attempt{
			{Model: "large", Status: "timeout", Latency: 20 * time.Millisecond},
			{Model: "small", Status: forward.Done, Start: 20 * time.Millisecond, Latency: 40 * time.Millisecond, FirstPiece: 10 * time.Millisecond, Answered: "small-2", Usage: forward.Usage{InputTokens: 7, CachedInputTokens: 2, OutputTokens: 3}},
		},
	}
	if f.err != nil {
		r.Model, r.Attempts = "", r.Attempts[:1]
	}
	return r, f.err
}
func (forwarder) Models(forward.Call) []string { return []string{"small"} }
func (forwarder) Calls() bool                  { return true }

// collected is telemetry with the product's instruments, and the spans that ended.
func collected(t *testing.T) (*telemetry.Telemetry, *telemetry.Instruments, *tracetest.SpanRecorder, *sdktrace.TracerProvider) {
	t.Helper()
	all, err := telemetry.New(t.Context(), telemetry.Config{Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = all.Shutdown(context.Background()) })
	instruments, err := telemetry.NewInstruments(all.Meter)
	if err != nil {
		t.Fatal(err)
	}
	spans := tracetest.NewSpanRecorder()
	return all, instruments, spans, sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
}

// scrape is what Prometheus would read.
func scrape(t *testing.T, all *telemetry.Telemetry) string {
	t.Helper()
	w := httptest.NewRecorder()
	all.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/metrics", nil))
	return w.Body.String()
}

func TestDecisionsAreCountedAndTraced(t *testing.T) {
	all, instruments, spans, traces := collected(t)
	d := measured.Decisions(decider{}, instruments, traces.Tracer("t"))
	if got, err := d.Decide(t.Context(), router.Prompt{Text: "billing"}, router.Limits{}); err != nil || got.Route != "billing" {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := d.Decide(t.Context(), router.Prompt{}, router.Limits{}); !errors.Is(err, errNo) {
		t.Errorf("the error became %v", err)
	}
	if _, err := d.DecideBatch(t.Context(), []router.Prompt{{Text: "refund"}, {Text: "refund"}}, router.Limits{}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.DecideBatch(t.Context(), []router.Prompt{{}}, router.Limits{}); !errors.Is(err, errNo) {
		t.Errorf("the error became %v", err)
	}
	text := scrape(t, all)
	for _, want := range []string{
		`semroute_decisions_total{cached="false",reason="",route="billing",stage="SEMANTIC"} 1`,
		`semroute_decisions_total{cached="false",reason="",route="refund",stage="SEMANTIC"} 2`,
		"semroute_decisions_failed_total 2", "semroute_decisions_degraded_total{cause=\"embedder\"} 3",
		`semroute_decision_confidence_bucket{route="refund",le="0.9"} 2`, "semroute_embed_duration_seconds_count 3",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	var names []string
	for _, s := range spans.Ended() {
		names = append(names, s.Name()+" of "+s.EndTime().Sub(s.StartTime()).Round(10*time.Microsecond).String())
	}
	for _, want := range []string{"rules of 10µs", "embed of 50µs", "search of 20µs", "score of 20µs"} {
		if !slices.Contains(names, want) {
			t.Errorf("there is no span %q in %q", want, names)
		}
	}
}

func TestCallsAreCountedAndTraced(t *testing.T) {
	all, instruments, spans, traces := collected(t)
	provider := func(model string) string { return map[string]string{"small": "ollama", "large": "openai"}[model] }
	f := measured.Calls(forwarder{}, provider, instruments, traces.Tracer("t"))
	if r, err := f.Forward(t.Context(), forward.Call{}, nil); err != nil || r.Model != "small" {
		t.Fatalf("%+v, %v", r, err)
	}
	failing := measured.Calls(forwarder{errNo}, provider, instruments, traces.Tracer("t"))
	if _, err := failing.Forward(t.Context(), forward.Call{}, nil); !errors.Is(err, errNo) {
		t.Errorf("the error became %v", err)
	}
	if !slices.Equal(f.Models(forward.Call{}), []string{"small"}) || !f.Calls() {
		t.Error("the forwarder's order or whether it calls is hidden")
	}
	text := scrape(t, all)
	for _, want := range []string{
		`semroute_calls_total{model="small",outcome="done",route="billing"} 1`,
		`semroute_calls_total{model="",outcome="timeout",route="billing"} 1`,
		`semroute_call_attempts_total{model="large",status="timeout"} 2`,
		`semroute_session_turns_total{reason="failed",switched="true"} 2`,
		`semroute_call_tokens_total{model="small",type="cached_input"} 2`,
		`semroute_call_cost_usd_total{model="small",part="answer"} 2`,
		`gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name="chat",gen_ai_provider_name="ollama",gen_ai_request_model="small",status="done"} 1`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	for _, s := range spans.Ended() {
		if s.Name() != "chat small" {
			continue
		}
		if took := s.EndTime().Sub(s.StartTime()); took != 40*time.Millisecond {
			t.Errorf("the try took %s in its span", took)
		}
		said := map[string]string{}
		for _, a := range s.Attributes() {
			said[string(a.Key)] = a.Value.String()
		}
		for key, want := range map[string]string{"gen_ai.provider.name": "ollama", "gen_ai.request.model": "small", "gen_ai.response.model": "small-2", "gen_ai.usage.input_tokens": "7"} {
			if said[key] != want {
				t.Errorf("%s is %q, not %q", key, said[key], want)
			}
		}
		return
	}
	t.Error("no try of the small model has a span")
}

// gate is one that nobody waits at.
type gate struct{}

func (gate) Limit() int  { return 8 }
func (gate) Queued() int { return 0 }

// TestThePageNamesEveryMetric holds docs/metrics.md to what the code has: all of it,
// and nothing else.
func TestThePageNamesEveryMetric(t *testing.T) {
	all, instruments, _, traces := collected(t)
	d := measured.Decisions(decider{}, instruments, traces.Tracer("t"))
	_, _ = d.Decide(t.Context(), router.Prompt{Text: "billing"}, router.Limits{})
	_, _ = d.Decide(t.Context(), router.Prompt{}, router.Limits{})
	_, _ = measured.Calls(forwarder{}, func(string) string { return "openai" }, instruments, traces.Tracer("t")).Forward(t.Context(), forward.Call{}, nil)
	instruments.Said(t.Context(), "billing", "right")
	instruments.Alarmed(t.Context(), "drift")
	gauges := slices.Concat(
		measured.Generation(func() engine.Status { return engine.Status{} }),
		measured.Store(func() store.Stats { return store.Stats{} }),
		measured.Admission(gate{}),
		[]telemetry.Gauge{measured.Circuits(func() []health.State { return []health.State{{Name: "small", Open: true}} })},
	)
	if err := telemetry.Register(all.Meter, gauges...); err != nil {
		t.Fatal(err)
	}
	table := pageTable(scrape(t, all))
	const page = "../../docs/metrics.md"
	content, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(content), "<!-- metrics -->\n")
	old, after, found := strings.Cut(rest, "<!-- end -->\n")
	if !found {
		t.Fatal("the page has no place for the table")
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+"<!-- metrics -->\n"+table+"<!-- end -->\n"+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(old, table); diff != "" {
		t.Errorf("docs/metrics.md (run with -update) (-page +code):\n%s", diff)
	}
}

// pageTable is the table of the product's own metrics in a scrape.
func pageTable(text string) string {
	about, kinds, labels := map[string]string{}, map[string]string{}, map[string]string{}
	scanner := bufio.NewScanner(strings.NewReader(text))
	for scanner.Scan() {
		line := scanner.Text()
		if rest, ok := strings.CutPrefix(line, "# HELP "); ok {
			name, help, _ := strings.Cut(rest, " ")
			about[name] = help
			continue
		}
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, kind, _ := strings.Cut(rest, " ")
			kinds[name] = kind
			continue
		}
		series, _, _ := strings.Cut(line, " ")
		name, in, _ := strings.Cut(series, "{")
		if strings.HasSuffix(name, "_bucket") {
			continue
		}
		name = strings.TrimSuffix(strings.TrimSuffix(name, "_count"), "_sum")
		var keys []string
		for pair := range strings.SplitSeq(strings.TrimSuffix(in, "}"), ",") {
			if key, _, ok := strings.Cut(pair, "="); ok {
				keys = append(keys, "`"+key+"`")
			}
		}
		labels[name] = strings.Join(keys, ", ")
	}
	var rows []string
	for name, kind := range kinds {
		if strings.HasPrefix(name, "semroute_") || strings.HasPrefix(name, "gen_ai_") {
			rows = append(rows, fmt.Sprintf("| `%s` | %s | %s | %s |\n", name, kind, labels[name], about[name]))
		}
	}
	slices.Sort(rows)
	return "| metric | kind | labels | |\n|---|---|---|---|\n" + strings.Join(rows, "")
}
