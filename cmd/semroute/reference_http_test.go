package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/semroute/semroute/auth"
	restrules "github.com/semroute/semroute/server/rest"
)

// referenceOfHTTP is every path of both HTTP listeners and every RPC, with the role
// that it needs, from the tables that decide both.
func referenceOfHTTP(t *testing.T) string {
	paths := map[string]string{} // by RPC
	for _, rule := range append(restrules.Rules(), restrules.RouteRule()) {
		paths[rule.GetSelector()] = restrules.Pattern(rule)
	}
	var rpcs, http, admin []auth.Action
	for _, action := range auth.Actions() {
		name := string(action)
		switch {
		case strings.HasPrefix(name, "/semroute."), strings.HasPrefix(name, "/grpc."):
			rpcs = append(rpcs, action)
		case strings.HasPrefix(name, "GET /metrics"), strings.HasPrefix(name, "GET /debug"), strings.HasPrefix(name, "GET /healthz"), strings.HasPrefix(name, "GET /readyz"):
			admin = append(admin, action)
		case strings.Contains(name, " /"):
			http = append(http, action)
		}
	}
	if len(rpcs) < 35 || len(http) < 10 || len(admin) < 5 {
		t.Errorf("only %d RPCs and %d and %d paths were found", len(rpcs), len(http), len(admin))
	}
	b := generatedPage("Paths, RPCs and roles", "What is asked for by which name, and the role that a caller needs where `--auth` or `--require-keys` asks who calls\n"+
		"([security](../security.md)). `anyone` needs no key, `known` any that is good. How the protocols behave: [OpenAI's and other protocols](../http.md).")
	b.WriteString("\n## RPCs and their REST paths\n\nAt `--listen` by gRPC; at `--http-listen` by REST, Connect (`POST` to the name of the RPC) and gRPC-Web. The messages are in the\n[schema](proto.md).\n")
	table(b, "RPC", "REST", "role")
	for _, action := range rpcs {
		name := strings.TrimPrefix(string(action), "/")
		selector := strings.ReplaceAll(name, "/", ".")
		row(b, code(name), code(paths[selector]), string(auth.Needed(action)))
		delete(paths, selector)
	}
	for _, selector := range slices.Sorted(maps.Keys(paths)) {
		t.Errorf("the table of roles does not name %s", selector)
	}
	b.WriteString("\nA `Route` with `forward` also needs the role `forward`.\n\n## Other protocols\n\nAt `--http-listen`.\n")
	writeActions(b, http)
	b.WriteString("\n## The administrators' listener\n\nAt `--admin-listen`.\n")
	writeActions(b, admin)
	return b.String()
}

func writeActions(b *strings.Builder, actions []auth.Action) {
	table(b, "path", "role")
	for _, action := range actions {
		row(b, code(string(action)), string(auth.Needed(action)))
	}
}
