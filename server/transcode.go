package server

import (
	"net/http"

	"connectrpc.com/vanguard"
	"connectrpc.com/vanguard/vanguardgrpc"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/genproto/googleapis/api/annotations"
)

// Transcoded are the gRPC services as REST and JSON, Connect and gRPC-Web, by
// patterns of http.ServeMux. They pass through the same interceptors: who may call
// what is asked there. It is to be called once all services are registered.
func (s *Server) Transcoded() (map[string]http.HandlerFunc, error) {
	rules := restRules()
	transcoder, err := vanguardgrpc.NewTranscoder(s.grpc, vanguard.WithRules(rules...))
	if err != nil {
		return nil, err
	}
	handlers := map[string]http.HandlerFunc{}
	for name := range s.grpc.GetServiceInfo() {
		handlers["/"+name+"/"] = transcoder.ServeHTTP
	}
	handlers["POST /v1/route"] = route(transcoder)
	for _, rule := range rules {
		handlers[patternOf(rule)] = transcoder.ServeHTTP
	}
	return handlers, nil
}

// route answers POST /v1/route, which as a rule would be RouteBatch's too: rules
// name methods by how they begin. Connect's form of a call with JSON is the same.
func route(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call := r.Clone(r.Context())
		call.URL.Path, call.URL.RawPath = semroutev1.RouterService_Route_FullMethodName, ""
		call.Header.Set("Connect-Protocol-Version", "1")
		next.ServeHTTP(w, call)
	}
}

const routerMethods, catalogMethods = "semroute.v1.RouterService.", "semroute.v1.CatalogService."

// restRules say at which paths RPCs are answered as REST. Streams have no such form:
// Connect and gRPC-Web carry them.
func restRules() []*annotations.HttpRule {
	return []*annotations.HttpRule{
		post(routerMethods+"RouteBatch", "/v1/route/batch"),
		get(catalogMethods+"ListRoutes", "/v1/catalog/routes"),
		get(catalogMethods+"GetRoute", "/v1/catalog/routes/{name}"),
		post(catalogMethods+"PutRoute", "/v1/catalog/routes"),
		{Selector: catalogMethods + "DeleteRoute", Pattern: &annotations.HttpRule_Delete{Delete: "/v1/catalog/routes/{name}"}},
		post(catalogMethods+"AddUtterances", "/v1/catalog/utterances"),
		post(catalogMethods+"RemoveUtterances", "/v1/catalog/utterances/remove"),
		post(catalogMethods+"ApplyChanges", "/v1/catalog/changes"),
		post(catalogMethods+"ValidateCatalog", "/v1/catalog/validate"),
		post(catalogMethods+"Preview", "/v1/catalog/preview"),
		get(catalogMethods+"GetStatus", "/v1/catalog/status"),
		post(catalogMethods+"Reload", "/v1/catalog/reload"),
		post(catalogMethods+"Rollback", "/v1/catalog/rollback"),
		get(catalogMethods+"ListRevisions", "/v1/catalog/revisions"),
		get(catalogMethods+"ExportCatalog", "/v1/catalog/export"),
	}
}

func post(selector, path string) *annotations.HttpRule {
	return &annotations.HttpRule{Selector: selector, Pattern: &annotations.HttpRule_Post{Post: path}, Body: "*"}
}

func get(selector, path string) *annotations.HttpRule {
	return &annotations.HttpRule{Selector: selector, Pattern: &annotations.HttpRule_Get{Get: path}}
}

// patternOf is the rule as a pattern of http.ServeMux.
func patternOf(rule *annotations.HttpRule) string {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return "GET " + p.Get
	case *annotations.HttpRule_Delete:
		return "DELETE " + p.Delete
	}
	return "POST " + rule.GetPost()
}
