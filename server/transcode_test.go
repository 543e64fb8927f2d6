package server_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/semroute/semroute/auth"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/rest"
	"github.com/tidwall/gjson"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// everyService has the services that Transcoded has rules for.
func everyService(r grpc.ServiceRegistrar) {
	semroutev1.RegisterCatalogServiceServer(r, semroutev1.UnimplementedCatalogServiceServer{})
	semroutev1.RegisterFeedbackServiceServer(r, semroutev1.UnimplementedFeedbackServiceServer{})
	semroutev1.RegisterTrafficServiceServer(r, semroutev1.UnimplementedTrafficServiceServer{})
	semroutev1.RegisterQualityServiceServer(r, semroutev1.UnimplementedQualityServiceServer{})
	semroutev1.RegisterMapServiceServer(r, semroutev1.UnimplementedMapServiceServer{})
}

// transcoded serves everything over HTTP to ann, who decides, and to root.
func transcoded(t *testing.T) string {
	t.Helper()
	r := start(t, &fakeDecider{}, server.Config{
		Services:      []func(grpc.ServiceRegistrar){everyService},
		Authenticator: people{"ann": {Roles: []auth.Role{auth.Decide}}, "root": {Roles: []auth.Role{auth.Decide, auth.Feedback, auth.Admin}}},
	})
	handlers, err := r.server.Transcoded()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, handle := range handlers {
		mux.HandleFunc(pattern, handle)
	}
	web := httptest.NewServer(mux)
	t.Cleanup(web.Close)
	return web.URL
}

// answered is what came back, its body read.
type answered struct {
	request *http.Request
	status  int
	header  http.Header
	body    []byte
}

// call asks as somebody.
func call(t *testing.T, as, method, url, body string) answered {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if as != "" {
		request.Header.Set("Authorization", "Bearer "+as)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answered{request, response.StatusCode, response.Header, read}
}

// validCalls are bodies for the paths that an empty one is refused at.
var validCalls = map[string]string{
	"POST /v1/route/batch":               `{"prompts":[{"text":"hi"}]}`,
	"POST /v1/catalog/routes":            `{"route":{"name":"a","utterances":["b"],"models":["m"]}}`,
	"POST /v1/catalog/utterances":        `{"route":"a","utterances":["b"]}`,
	"POST /v1/catalog/utterances/remove": `{"route":"a","utterances":["b"]}`,
	"POST /v1/catalog/changes":           `{"changes":[{"deleteRoute":{"name":"a"}}]}`,
	"POST /v1/catalog/preview":           `{"changes":[{"deleteRoute":{"name":"a"}}],"prompts":[{"text":"b"}]}`,
	"POST /v1/feedback":                  `{"feedback":{"decisionId":"1","thumbsUp":true}}`,
	"POST /v1/suggestions/accept":        `{"suggestionId":"1"}`,
	"POST /v1/suggestions/reject":        `{"suggestionId":"1"}`,
	"POST /v1/map/place":                 `{"prompts":["a"]}`,
}

// TestEveryRuleReachesItsCall: each path is answered by the RPC that it stands for, to
// those who may call that.
func TestEveryRuleReachesItsCall(t *testing.T) {
	url := transcoded(t)
	for _, rule := range rest.Rules() {
		pattern := rest.Pattern(rule)
		method, path, _ := strings.Cut(pattern, " ")
		path = strings.NewReplacer("{number}", "3", "{name}", "a", "{decision_id}", "1").Replace(path)
		body := validCalls[pattern]
		if body == "" && method == http.MethodPost {
			body = "{}"
		}
		_, name, _ := strings.Cut(strings.TrimPrefix(rule.GetSelector(), "semroute.v1."), ".")
		got := call(t, "root", method, url+path, body)
		if want := name + " not implemented"; rule.GetSelector() != "semroute.v1.RouterService.RouteBatch" && (got.status != http.StatusNotImplemented || !strings.Contains(string(got.body), want)) {
			t.Errorf("%s: %d %s, want %q", pattern, got.status, got.body, want)
		}
		if got := call(t, "", method, url+path, body); got.status != http.StatusUnauthorized {
			t.Errorf("%s by nobody: %d %s", pattern, got.status, got.body)
		}
	}
}

// TestAnswersAreAsTheDocumentSays holds a real answer and a real refusal of the
// document's form to the document that is served.
func TestAnswersAreAsTheDocumentSays(t *testing.T) {
	url := transcoded(t)
	served := call(t, "", http.MethodGet, url+"/openapi.yaml", "")
	if served.status != http.StatusOK {
		t.Fatalf("%d %s", served.status, served.body)
	}
	parsed, err := libopenapi.NewDocument(served.body)
	if err != nil {
		t.Fatal(err)
	}
	v, problems := validator.NewValidator(parsed)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for path, body := range map[string]string{
		"/v1/route":       `{"prompt":{"text":"hi"}}`,
		"/v1/route/batch": `{"prompts":[{"text":"hi"},{"chat":{"messages":[{"role":"USER","parts":[{"text":"hi"}]}]}}]}`,
	} {
		got := call(t, "ann", http.MethodPost, url+path, body)
		if got.status != http.StatusOK {
			t.Fatalf("%s: %d %s", path, got.status, got.body)
		}
		request := got.request.Clone(t.Context())
		request.Body = io.NopCloser(strings.NewReader(body))
		response := &http.Response{StatusCode: got.status, Header: got.header, Body: io.NopCloser(bytes.NewReader(got.body))}
		if ok, problems := v.ValidateHttpRequestResponse(request, response); !ok {
			for _, problem := range problems {
				t.Errorf("%s: %s: %s %v", path, problem.Message, problem.Reason, problem.SchemaValidationErrors)
			}
			t.Logf("%s", got.body)
		}
	}
}

// TestTheSameServiceByEveryProtocol: REST, Connect and gRPC-Web give what gRPC
// does, to the same callers.
func TestTheSameServiceByEveryProtocol(t *testing.T) {
	url := transcoded(t)
	asked, err := proto.Marshal(&semroutev1.RouteRequest{Prompt: text("hi")})
	if err != nil {
		t.Fatal(err)
	}
	framed := binary.BigEndian.AppendUint32([]byte{0}, uint32(len(asked)))
	for name, c := range map[string]struct {
		path, kind, body, key string
		status                int
		want                  string // in the answer
	}{
		"REST":               {"/v1/route", "application/json", `{"prompt":{"text":"hi"}}`, "ann", 200, `"route":"refunds"`},
		"Connect":            {"/semroute.v1.RouterService/Route", "application/json", `{"prompt":{"text":"hi"}}`, "ann", 200, `"route":"refunds"`},
		"Connect, protobuf":  {"/semroute.v1.RouterService/Route", "application/proto", string(asked), "ann", 200, "refunds"},
		"gRPC-Web":           {"/semroute.v1.RouterService/Route", "application/grpc-web+proto", string(framed) + string(asked), "ann", 200, "refunds"},
		"REST, no JSON":      {"/v1/route", "application/json", `{"prompt":`, "ann", 400, "unexpected EOF"},
		"REST, wrong type":   {"/v1/route/batch", "application/json", `{"prompts":7}`, "ann", 400, "unexpected token 7"},
		"Connect, no JSON":   {"/semroute.v1.RouterService/Route", "application/json", `{"prompt":`, "ann", 400, "unexpected EOF"},
		"REST, wrong":        {"/v1/route", "application/json", `{"prompt":{}}`, "ann", 400, "prompt"},
		"REST, unknown":      {"/v1/route", "application/json", `{"prompt":{"text":"hi"}}`, "bob", 401, "not known"},
		"REST, not allowed":  {"/v1/catalog/reload", "application/json", `{}`, "ann", 403, "role"},
		"Connect, unknown":   {"/semroute.v1.RouterService/Route", "application/json", `{"prompt":{"text":"hi"}}`, "", 401, "unauthenticated"},
		"Connect, no method": {"/semroute.v1.RouterService/Nothing", "application/json", `{}`, "ann", 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+c.path, bytes.NewReader([]byte(c.body)))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", c.kind)
			if strings.HasPrefix(name, "Connect") {
				request.Header.Set("Connect-Protocol-Version", "1")
			}
			if c.key != "" {
				request.Header.Set("Authorization", "Bearer "+c.key)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.ReplaceAll(string(body), `": "`, `":"`)
			if response.StatusCode != c.status || !strings.Contains(got, c.want) {
				t.Errorf("%d %q", response.StatusCode, body)
			}
			if c.kind == "application/json" && len(body) > 0 && c.status != 404 && !gjson.ValidBytes(body) {
				t.Errorf("no JSON: %q", body)
			}
		})
	}
}
