package server_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/semroute/semroute/auth"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/server"
	"github.com/tidwall/gjson"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// everyService has the services that Transcoded has rules for.
func everyService(r grpc.ServiceRegistrar) {
	semroutev1.RegisterCatalogServiceServer(r, semroutev1.UnimplementedCatalogServiceServer{})
}

// TestTheSameServiceByEveryProtocol: REST, Connect and gRPC-Web give what gRPC
// does, to the same callers.
func TestTheSameServiceByEveryProtocol(t *testing.T) {
	r := start(t, &fakeDecider{}, server.Config{
		Services: []func(grpc.ServiceRegistrar){everyService}, Authenticator: people{"ann": {Roles: []auth.Role{auth.Decide}}},
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
		"REST, wrong":        {"/v1/route", "application/json", `{"prompt":{}}`, "ann", 400, "prompt"},
		"REST, unknown":      {"/v1/route", "application/json", `{"prompt":{"text":"hi"}}`, "bob", 401, "not known"},
		"REST, not allowed":  {"/v1/catalog/reload", "application/json", `{}`, "ann", 403, "role"},
		"Connect, unknown":   {"/semroute.v1.RouterService/Route", "application/json", `{"prompt":{"text":"hi"}}`, "", 401, "unauthenticated"},
		"Connect, no method": {"/semroute.v1.RouterService/Nothing", "application/json", `{}`, "ann", 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, web.URL+c.path, bytes.NewReader([]byte(c.body)))
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
