package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// whatToDo is what a caller, or whoever runs the server, does about each reason.
var whatToDo = map[string]string{
	"ANSWER_INTERRUPTED":        "The answer so far was sent already: ask again, or go on with what arrived. The record in the details says what it cost.",
	"BUDGET_SPENT":              "Wait until the time in the message, raise the budget, or let it `on_exceeded: downgrade`.",
	"BUDGET_UNKNOWN":            "Try again shortly; have PostgreSQL or the disk looked at.",
	"BUILD_UNAVAILABLE":         "Try the change again when Ollama or Qdrant answers; nothing was changed.",
	"CALLER_LIMIT":              "Wait as long as `RetryInfo` or `Retry-After` says; an administrator may raise the limits of the key.",
	"CALLER_TOO_SLOW":           "Read the stream faster: a piece was not taken for a minute.",
	"CANCELLED":                 "Nothing: the caller has gone.",
	"CATALOG_BROKEN":            "Mend the catalog that is kept, as the message says: `semroute routes rollback`, or a change that mends it.",
	"CATALOG_FROM_FILES":        "Change the files, or serve with `--source store`.",
	"CREDENTIALS_UNCHECKED":     "Try again shortly; have the store of keys or the issuer of tokens looked at.",
	"DEADLINE_EXCEEDED":         "Give the call more time, or raise `--request-timeout`.",
	"EMBEDDER_UNAVAILABLE":      "Try again; start Ollama, or serve with `--degrade-to-static`.",
	"INDEX_UNAVAILABLE":         "Try again; start Qdrant, or serve with `--degrade-to-static`.",
	"INTERNAL":                  "Report it with the line of the server's log that has the same decision or time.",
	"INVALID_CATALOG":           "Mend the fields that `BadRequest` names; `ValidateCatalog` gives all problems.",
	"INVALID_REQUEST":           "Mend the field that the message or `BadRequest` names; the same request is never right.",
	"KEY_USED":                  "Use a new `idempotency_key`: this one was used with something else.",
	"MAP_OUTDATED":              "Ask for the map again: another embedder or catalog serves now.",
	"MODELS_CANNOT_BE_CALLED":   "Set the variable or file of the key that the message names on the server, then change the catalog again.",
	"MODELS_UNAVAILABLE":        "Try again; the record in the details says how each model failed. More models in the route make it rarer.",
	"NOT_READY":                 "Wait for `/readyz` or `semroute health`: the first catalog is still being built.",
	"NOT_SUPPORTED":             "Call without `forward`, or serve a catalog with models and without `--decide-only`.",
	"NOT_SUPPORTED_BY_PROVIDER": "Leave out the field that the message names, or give the route a model whose provider has it.",
	"NO_MODEL":                  "Give the route or the fallback models, or models for the tier of the user.",
	"NO_DESCRIPTORS":            "Try again shortly; let the process have more (`ulimit -n`, `LimitNOFILE`), or fewer connections (`--max-connections`).",
	"NO_PROMPTS":                "Give prompts, or serve with a store and `--store-prompts redact` or `full`.",
	"NO_STORE":                  "Serve with `--store` or `--ledger`.",
	"NO_SUCH_REVISION":          "Look at `semroute routes history`: the number is not kept.",
	"NO_SUCH_ROUTE":             "Use the name that the message proposes, or look at `semroute routes list`.",
	"OVERLOADED":                "Wait as long as `RetryInfo` or `Retry-After` says; add replicas where it lasts.",
	"PERMISSION_DENIED":         "Ask for a key with the role that the message names ([roles](http.md)).",
	"PROMPT_FILTERED":           "Change the prompt, or give the route a model of another provider.",
	"PROMPT_TOO_LONG":           "Shorten the prompt, or give the route a model with a longer window (`context_tokens`).",
	"REFUSED_BY_CHECK":          "Read what the gate or a canary found; mend the catalog, or the bound.",
	"REFUSED_BY_MODEL":          "Mend the request as the model's own words in the record say.",
	"REVISION_NOT_KEPT":         "Try the change again when the store answers; nothing was changed.",
	"STALE_ETAG":                "Read again, make the change on what is there now, and send its etag.",
	"STORE_UNAVAILABLE":         "Try again shortly; have PostgreSQL or the disk looked at. Decisions go on meanwhile.",
	"UNAUTHENTICATED":           "Send a good key or token as `authorization: Bearer KEY`.",
	"UNKNOWN_DECISION":          "Use the `decision_id` of a decision that the store still keeps.",
	"UNKNOWN_MODEL":             "Use `auto`, `route:NAME`, `model:NAME` or an alias of the catalog; `GET /v1/models` lists them.",
	"UNKNOWN_SUGGESTION":        "List again: it was answered meanwhile, or never made.",
	"UNPRICED_MODEL":            "Give the model a price: a budget or strategy cannot count without one.",
	"UPSTREAM_FAILED":           "Try again; the record in the details has the words of the model's server.",
}

// toldError is how one kind of error is told.
type toldError struct{ reason, kind, sentinel string }

var aReason = regexp.MustCompile(`^[A-Z][A-Z_]{4,}$`)

// referenceOfErrors is every reason of an error, from the source that gives them.
func referenceOfErrors(t *testing.T) string {
	codes := kindsIn(t, "../../server/status.go", "codeOf")
	statuses := kindsIn(t, "../../ingress/internal/web/headers.go", "statuses")
	all := map[toldError]bool{}
	for _, folder := range []string{"ingress", "server", "server/catalogapi", "server/feedbackapi", "server/mapapi", "server/trafficapi"} {
		files, err := filepath.Glob("../../" + folder + "/*.go")
		if err != nil || len(files) == 0 {
			t.Fatalf("no source in %s: %v", folder, err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				ast.Inspect(parsed(t, file), func(n ast.Node) bool {
					if one := toldBy(n); one.reason != "" {
						all[one] = true
					}
					return true
				})
			}
		}
	}
	type entry struct{ codes, statuses, sentinels []string }
	entries := map[string]*entry{}
	for one := range all {
		e := entries[one.reason]
		if e == nil {
			e = &entry{}
			entries[one.reason] = e
		}
		status := cmp.Or(codes[one.kind], one.kind)
		for kind, name := range codes {
			if name == status {
				e.statuses = append(e.statuses, statuses[kind])
			}
		}
		if status == "Internal" {
			e.statuses = append(e.statuses, "500")
		}
		e.codes = append(e.codes, status)
		if one.sentinel != "" {
			e.sentinels = append(e.sentinels, code(one.sentinel))
		}
	}
	b := generatedPage("Errors", "Every error of the server is a gRPC status with a `google.rpc.ErrorInfo` of the domain `semroute.io`, whose reason programs can\n"+
		"rely on; by HTTP the same in the form that the protocol's clients expect. The message says more than this table; where the server's\n"+
		"log is named, its line has the cause. A call that failed after it was decided has the `Decision` and the `CallRecord` in its details\n"+
		"([how errors are told](../operations.md#what-a-server-takes-and-how-it-refuses)). Go programs find the sentinel by `errors.Is`.")
	table(b, "reason", "gRPC", "HTTP", "sentinel", "what to do")
	for _, reason := range slices.Sorted(maps.Keys(entries)) {
		e := entries[reason]
		advice, known := whatToDo[reason]
		if !known {
			t.Errorf("nobody says what to do about %s", reason)
		}
		row(b, code(reason), different(e.codes), different(e.statuses), different(e.sentinels), advice)
	}
	for reason := range whatToDo {
		if entries[reason] == nil {
			t.Errorf("no source gives the reason %s", reason)
		}
	}
	b.WriteString("\nThe command line ends with 2 for wrong use and with 1 for everything else; what was wrong with a file is told with its line and column.\n")
	return b.String()
}

// toldBy is the reason that a literal or call gives, with the kind beside it.
func toldBy(n ast.Node) toldError {
	var parts []ast.Expr
	switch n := n.(type) {
	case *ast.CompositeLit:
		parts = n.Elts
	case *ast.CallExpr:
		parts = n.Args
	default:
		return toldError{}
	}
	var one toldError
	for _, part := range parts {
		if pair, ok := part.(*ast.KeyValueExpr); ok {
			part = pair.Value
		}
		switch part := part.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(part.Value); err == nil && aReason.MatchString(text) {
				one.reason = text
			}
		case *ast.SelectorExpr:
			from, ok := part.X.(*ast.Ident)
			if !ok {
				break
			}
			switch in := from.Name; {
			case in == "ingress" || in == "codes":
				one.kind = part.Sel.Name
			case strings.HasPrefix(part.Sel.Name, "Err"):
				one.sentinel = in + "." + part.Sel.Name
			}
		case *ast.Ident:
			if ast.IsExported(part.Name) && !strings.HasPrefix(part.Name, "Err") {
				one.kind = part.Name
			}
		}
	}
	if one.kind == "" { // a detail of another error, or a value that is no error
		return toldError{}
	}
	return one
}

// kindsIn are the names that a map of the source gives to kinds of failure.
func kindsIn(t *testing.T, file, name string) map[string]string {
	t.Helper()
	found := map[string]string{}
	ast.Inspect(parsed(t, file), func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != name {
			return true
		}
		for _, element := range spec.Values[0].(*ast.CompositeLit).Elts {
			pair := element.(*ast.KeyValueExpr)
			found[pair.Key.(*ast.SelectorExpr).Sel.Name] = statusName(pair.Value)
		}
		return false
	})
	if len(found) < 10 {
		t.Fatalf("%s has no map %s of kinds, or another form", file, name)
	}
	return found
}

// statusName is a status as the pages write it.
func statusName(value ast.Expr) string {
	switch v := value.(type) {
	case *ast.SelectorExpr:
		for status := 400; status < 600; status++ {
			if v.Sel.Name == "Status"+strings.ReplaceAll(http.StatusText(status), " ", "") {
				return strconv.Itoa(status)
			}
		}
		return v.Sel.Name
	case *ast.BasicLit:
		return v.Value
	}
	return ""
}

func parsed(t *testing.T, file string) *ast.File {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := parser.ParseFile(token.NewFileSet(), file, source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// different are the different words, in order.
func different(words []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(words))), ", ")
}
