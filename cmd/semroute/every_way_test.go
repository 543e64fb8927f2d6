package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// verdict is what a decision comes to, as far as every way in tells it.
type verdict struct{ Route, Confidence, Margin, Stage, Reason string }

func rounded(x float64) string { return strconv.FormatFloat(x, 'f', 4, 64) }

func verdictOf(d *semroutev1.Decision) verdict {
	return verdict{d.GetRoute(), rounded(d.GetConfidence()), rounded(d.GetMargin()), d.GetStage().String(), server.ReasonWord(d.GetReason())}
}

// told is what the headers of an answer tell.
func told(h http.Header) verdict {
	get := func(name string) string { return h.Get("X-Semroute-" + name) }
	return verdict{get("Route"), get("Confidence"), get("Margin"), get("Stage"), get("Reason")}
}

// ways asks a server in every way there is.
type ways struct {
	t    *testing.T
	grpc semroutev1.RouterServiceClient
	web  string
	s    *served
}

// post asks by HTTP.
func (w *ways) post(path, kind string, body []byte) (http.Header, []byte) {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.web+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	if kind == "application/json" && strings.HasPrefix(path, "/semroute.") {
		request.Header.Set("Connect-Protocol-Version", "1")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %d %s, %v", path, response.StatusCode, answer, err)
	}
	return response.Header, answer
}

func (w *ways) json(path, body string) verdict {
	w.t.Helper()
	_, answer := w.post(path, "application/json", []byte(body))
	var response semroutev1.RouteResponse
	if err := protojson.Unmarshal(answer, &response); err != nil {
		w.t.Fatal(err)
	}
	return verdictOf(response.GetDecision())
}

func (w *ways) told(path, body string) verdict {
	w.t.Helper()
	header, _ := w.post(path, "application/json", []byte(body))
	return told(header)
}

func (w *ways) web1(asked *semroutev1.RouteRequest) verdict {
	w.t.Helper()
	message, err := proto.Marshal(asked)
	if err != nil {
		w.t.Fatal(err)
	}
	_, answer := w.post("/semroute.v1.RouterService/Route", "application/grpc-web+proto", append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(message))), message...))
	var response semroutev1.RouteResponse
	if err := proto.Unmarshal(answer[5:5+binary.BigEndian.Uint32(answer[1:5])], &response); err != nil {
		w.t.Fatal(err)
	}
	return verdictOf(response.GetDecision())
}

// all are the verdicts on a prompt by every way in to the server.
func (w *ways) all(prompt string) map[string]verdict {
	t := w.t
	t.Helper()
	quoted, err := json.Marshal(prompt)
	if err != nil {
		t.Fatal(err)
	}
	q := string(quoted)
	asked := &semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: prompt}}}
	got := map[string]verdict{}
	one, err := w.grpc.Route(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	got["gRPC"] = verdictOf(one.GetDecision())
	forwarded, err := w.grpc.Route(t.Context(), &semroutev1.RouteRequest{Prompt: asked.GetPrompt(), Forward: true})
	if err != nil {
		t.Fatal(err)
	}
	got["gRPC, forwarded"] = verdictOf(forwarded.GetDecision())
	batch, err := w.grpc.RouteBatch(t.Context(), &semroutev1.RouteBatchRequest{Prompts: []*semroutev1.Prompt{asked.GetPrompt(), asked.GetPrompt()}})
	if err != nil {
		t.Fatal(err)
	}
	got["a batch"] = verdictOf(batch.GetDecisions()[1])
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stream, err := w.grpc.StreamRoute(ctx, &semroutev1.StreamRouteRequest{Prompt: asked.GetPrompt()})
	if err != nil {
		t.Fatal(err)
	}
	first, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	got["a stream"] = verdictOf(first.GetDecision())
	got["REST"] = w.json("/v1/route", `{"prompt":{"text":`+q+`}}`)
	got["Connect"] = w.json("/semroute.v1.RouterService/Route", `{"prompt":{"text":`+q+`}}`)
	got["gRPC-Web"] = w.web1(asked)
	messages := `"messages":[{"role":"user","content":` + q + `}]`
	got["OpenAI's chat"] = w.told("/v1/chat/completions", `{"model":"auto",`+messages+`}`)
	got["OpenAI's chat, streamed"] = w.told("/v1/chat/completions", `{"model":"auto","stream":true,`+messages+`}`)
	got["OpenAI's responses"] = w.told("/v1/responses", `{"model":"auto","input":`+q+`}`)
	got["Anthropic's messages"] = w.told("/v1/messages", `{"model":"auto","max_tokens":9,`+messages+`}`)
	got["the command line, by the server"] = w.command("--server", w.s.address, prompt)
	return got
}

// command is what `route --json` prints.
func (w *ways) command(args ...string) verdict {
	w.t.Helper()
	code, out, errs := runCommand(w.t.Context(), w.t, "", append([]string{"route", "--json"}, args...)...)
	var d decisionJSON
	if err := json.Unmarshal([]byte(out), &d); code != exitDone || err != nil {
		w.t.Fatalf("%d %s %v", code, errs, err)
	}
	return verdict{d.Route, rounded(d.Confidence), rounded(d.Margin), d.Stage, d.Reason}
}

// TestEveryWayInDecidesTheSame: by gRPC in all its forms, by HTTP's protocols, by the
// command line and by the Go package, whole to the fourth digit.
func TestEveryWayInDecidesTheSame(t *testing.T) {
	const catalog = "../../examples/support"
	s := serveInProcess(t, "--catalog", catalog, "--embedder", "static", "--ollama-host", ollamaDouble(t), "--http-listen", "127.0.0.1:0", "--log-level", "info")
	web := regexp.MustCompile(`"address":"([^"]+)","tls":false,[^}]*"message":"listening for HTTP"`).FindStringSubmatch(s.log.String())
	if web == nil {
		t.Fatalf("no HTTP: %s", s.log)
	}
	w := &ways{t: t, grpc: semroutev1.NewRouterServiceClient(s.conn), web: "http://" + web[1], s: s}
	library, err := semroute.Open(t.Context(), catalog, semroute.Options{Static: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = library.Close() })
	file, err := os.Open("../../testdata/prompts/support.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	prompts, err := routes.ReadLabelled(file, "support.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{"It's \"broken\" –\n\tü 漢 🙂", strings.Repeat("where is my refund? ", 200)}
	for i := 0; i < len(prompts); i += 10 {
		texts = append(texts, prompts[i].Text)
	}
	for i, text := range texts {
		d, err := library.Decide(t.Context(), semroute.Prompt{Text: text})
		if err != nil {
			t.Fatal(err)
		}
		want := verdict{d.Route, rounded(d.Confidence), rounded(d.Margin), d.Stage.String(), string(d.Reason)}
		got := w.all(text)
		if i%4 == 0 { // it builds the catalog each time
			got["the command line"] = w.command("--catalog", catalog, "--embedder", "static", "--cache-dir", "off", text)
		}
		for way, one := range got {
			if diff := cmp.Diff(want, one); diff != "" {
				t.Errorf("%.40q by %s (-the package +it):\n%s", text, way, diff)
			}
		}
	}
	t.Log(fmt.Sprint(len(texts), " prompts by every way in"))
}
