package catalogapi_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/forward/policy"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/catalogapi"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/sqlite"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
)

const base = `
models:
  - {name: small, provider: ollama, model: m}
  - {name: large, provider: ollama, model: n}
routes:
  - {name: refunds, models: [small], utterances: [where is my refund, i was charged twice, give me my money back, you took too much]}
  - name: delivery
    models: [small, large]
    strategy: cheapest
    utterances: [where is my parcel, my package is late, when does it arrive, the courier never came]
rules: [{name: vip, when: "user.tier == 'vip'", route: delivery}]
none: [what is the weather like, write me a poem]
`

var checks = []func(*routes.Catalog) routes.Problems{router.CheckRules, policy.CheckConditions}

// serving is a server of one catalog with a client.
type serving struct {
	semroutev1.CatalogServiceClient
	router semroutev1.RouterServiceClient
	engine *engine.Engine
}

// serve serves the catalog out of files, or out of a store.
func serve(t *testing.T, fromStore bool, change func(*engine.Config)) *serving {
	t.Helper()
	return serveTo(t, nil, base, fromStore, change)
}

// ownPrompts are the server's labelled ones.
var ownPrompts = []routes.Labelled{{Text: "i lost my credit card", Route: "cards"}, {Text: "give me my money back", Route: "refunds"}}

// serveTo is serve of another catalog and with an authenticator; nil asks nobody
// who they are.
func serveTo(t *testing.T, a auth.Authenticator, text string, fromStore bool, change func(*engine.Config)) *serving {
	t.Helper()
	load := func() (*routes.Catalog, error) {
		return routes.Loader{Checks: checks}.Parse("catalog.yaml", []byte(text))
	}
	first := revision.First{}
	var kept revision.Store
	var err error
	if fromStore {
		s, openErr := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), store.Config{Prompts: store.NoPrompts, Log: zerolog.Nop()})
		if openErr != nil {
			t.Fatal(openErr)
		}
		t.Cleanup(func() { _ = s.Close() })
		kept = s
		first, err = revision.Beginning{Store: kept, Files: load, Checks: checks}.Begin(t.Context())
	} else {
		first.Catalog, err = load()
	}
	if err != nil {
		t.Fatal(err)
	}
	config := engine.Config{Embedder: engine.EmbedderConfig{Kind: engine.Static}, Index: engine.IndexConfig{Kind: engine.Memory}, Log: zerolog.Nop()}
	if change != nil {
		change(&config)
	}
	e := engine.New(first.Catalog, config)
	if err := e.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	source := revision.New(revision.Config{Engine: e, Store: kept, Load: load, Checks: checks, Log: zerolog.Nop()}, first)
	recent := func(context.Context, int) ([]string, error) { return []string{"my money", "a parcel"}, nil }
	srv, err := server.New(e, nil, zerolog.Nop(), server.Config{
		Authenticator: a,
		Services:      []func(grpc.ServiceRegistrar){catalogapi.New(source, e, recent, ownPrompts).Register},
	})
	if err != nil {
		t.Fatal(err)
	}
	listener := bufconn.Listen(1 << 20)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, listener) }()
	conn, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel() // first: it is a drain that ends streams
		if err := errors.Join(<-served, conn.Close(), e.Close()); err != nil {
			t.Error(err)
		}
	})
	return &serving{CatalogServiceClient: semroutev1.NewCatalogServiceClient(conn), router: semroutev1.NewRouterServiceClient(conn), engine: e}
}

func (s *serving) decide(t *testing.T, text string) *semroutev1.Decision {
	t.Helper()
	resp, err := s.router.Route(t.Context(), &semroutev1.RouteRequest{Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}}})
	if err != nil {
		t.Fatal(err)
	}
	return resp.GetDecision()
}

func TestARouteComesAndGoes(t *testing.T) {
	s := serve(t, true, nil)
	before, err := s.ListRoutes(t.Context(), &semroutev1.ListRoutesRequest{})
	if err != nil || len(before.GetRoutes()) != 2 || before.GetRoutes()[1].GetUtterances() != 4 {
		t.Fatalf("%v: %v", err, before)
	}
	cards := &semroutev1.RouteDefinition{
		Name: "cards", Models: []string{"large", "small"}, Policy: "strategy: fastest\n", MinMargin: new(0.01), Metadata: map[string]string{"team": "b"},
		Utterances: []string{"my card is gone", "block my card", "i lost my credit card", "a new card please"},
	}
	put, err := s.PutRoute(t.Context(), &semroutev1.PutRouteRequest{Route: cards, Remark: &semroutev1.Remark{Author: "ann", Cause: "asked for"}})
	if err != nil {
		t.Fatal(err)
	}
	a := put.GetApplied()
	if a.GetRevision().GetNumber() != 2 || a.GetRevision().GetAuthor() != "ann" || a.GetRevision().GetCause() != "asked for" {
		t.Errorf("applied %v", a)
	}
	if d := s.decide(t, "i lost my credit card"); d.GetCandidates()[0].GetRoute() != "cards" || d.GetFingerprint() != a.GetFingerprint() {
		t.Errorf("decided %v", d)
	}
	got, err := s.GetRoute(t.Context(), &semroutev1.GetRouteRequest{Name: "cards"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(cards.String(), got.GetRoute().String()); diff != "" {
		t.Error(diff)
	}
	if _, err := s.AddUtterances(t.Context(), &semroutev1.AddUtterancesRequest{Route: "cards", Utterances: []string{"my bank card"}, Etag: got.GetEtag()}); err != nil {
		t.Error(err)
	}
	if _, err := s.RemoveUtterances(t.Context(), &semroutev1.RemoveUtterancesRequest{Route: "cards", Utterances: []string{"block my card"}}); err != nil {
		t.Error(err)
	}
	if _, err := s.DeleteRoute(t.Context(), &semroutev1.DeleteRouteRequest{Name: "cards"}); err != nil {
		t.Error(err)
	}
	after, err := s.ListRoutes(t.Context(), &semroutev1.ListRoutesRequest{})
	if err != nil || after.GetCatalogEtag() != before.GetCatalogEtag() {
		t.Errorf("%v: the catalog is not as it was: %v", err, after)
	}
	history, err := s.ListRevisions(t.Context(), &semroutev1.ListRevisionsRequest{Below: 5})
	if err != nil || len(history.GetRevisions()) != 4 || history.GetRevisions()[0].GetNumber() != 4 {
		t.Errorf("%v: %v", err, history)
	}
	old, err := s.GetRevision(t.Context(), &semroutev1.GetRevisionRequest{Number: 3})
	if err != nil || !strings.Contains(old.GetYaml(), "my bank card") {
		t.Errorf("%v: %v", err, old)
	}
	back, err := s.Rollback(t.Context(), &semroutev1.RollbackRequest{Number: 2})
	if err != nil || back.GetApplied().GetFingerprint() != a.GetFingerprint() || back.GetApplied().GetRevision().GetNumber() != 6 {
		t.Errorf("%v: %v", err, back)
	}
	export, err := s.ExportCatalog(t.Context(), &semroutev1.ExportCatalogRequest{})
	if err != nil || export.GetCatalogEtag() != a.GetRevision().GetEtag() {
		t.Fatalf("%v: %v", err, export)
	}
	c, err := routes.Loader{Checks: checks}.Parse("export.yaml", []byte(export.GetYaml()))
	if err != nil || len(c.Routes) != 3 || c.Routes[2].Forwarding.Strategy != routes.Fastest {
		t.Errorf("%v in:\n%s", err, export.GetYaml())
	}
}

func TestAThousandChangesAreOneGeneration(t *testing.T) {
	s := serve(t, true, nil)
	req := &semroutev1.ApplyChangesRequest{}
	for i := range 1000 {
		req.Changes = append(req.Changes, addTo("refunds", fmt.Sprint("refund number ", i)))
	}
	applied, err := s.ApplyChanges(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.GetStatus(t.Context(), &semroutev1.GetStatusRequest{})
	if err != nil || got.GetStatus().GetSwaps() != 2 || got.GetStatus().GetUtterances() != 1008 || applied.GetApplied().GetRevision().GetNumber() != 2 {
		t.Errorf("%v: %v", err, got)
	}
}

func addTo(route string, texts ...string) *semroutev1.CatalogChange {
	return &semroutev1.CatalogChange{Change: &semroutev1.CatalogChange_AddUtterances{
		AddUtterances: &semroutev1.CatalogChange_ChangeUtterances{Route: route, Utterances: texts},
	}}
}

func put(r *semroutev1.RouteDefinition, etag string) *semroutev1.CatalogChange {
	return &semroutev1.CatalogChange{Change: &semroutev1.CatalogChange_PutRoute_{PutRoute: &semroutev1.CatalogChange_PutRoute{Route: r, Etag: etag}}}
}

func remove(route string) *semroutev1.CatalogChange {
	return &semroutev1.CatalogChange{Change: &semroutev1.CatalogChange_DeleteRoute_{DeleteRoute: &semroutev1.CatalogChange_DeleteRoute{Name: route}}}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	errGate := errors.New("accuracy is 0.5, at least 0.9 was asked")
	s := serve(t, true, func(c *engine.Config) {
		c.Check = func(_ context.Context, a *engine.Assembly) error {
			for _, r := range a.Generation.Catalog().Routes {
				if r.Name == "worse" {
					return errGate
				}
			}
			return nil
		}
	})
	files := serve(t, false, nil)
	apply := func(s *serving, etag string, changes ...*semroutev1.CatalogChange) func() error {
		return func() error {
			_, err := s.ApplyChanges(t.Context(), &semroutev1.ApplyChangesRequest{Changes: changes, Expect: &semroutev1.Expectation{CatalogEtag: etag}})
			return err
		}
	}
	ok := func(name string) *semroutev1.RouteDefinition {
		return &semroutev1.RouteDefinition{Name: name, Utterances: []string{"x of " + name}}
	}
	before := s.engine.Status().Fingerprint
	for name, c := range map[string]struct {
		call   func() error
		code   codes.Code
		reason string
		field  string
		text   string
	}{
		"files win":         {apply(files, "", addTo("refunds", "x")), codes.FailedPrecondition, "CATALOG_FROM_FILES", "", "--source store"},
		"a stale catalog":   {apply(s, "old", addTo("refunds", "x")), codes.Aborted, "STALE_ETAG", "", "revision 1"},
		"a stale route":     {apply(s, "", put(ok("refunds"), "old")), codes.Aborted, "STALE_ETAG", "", `"refunds"`},
		"an unknown route":  {apply(s, "", addTo("refund", "x")), codes.NotFound, "NO_SUCH_ROUTE", "", `did you mean "refunds"?`},
		"a gate":            {apply(s, "", put(ok("worse"), "")), codes.FailedPrecondition, "REFUSED_BY_CHECK", "", "at least 0.9"},
		"an unknown model":  {apply(s, "", addTo("refunds", "x"), put(&semroutev1.RouteDefinition{Name: "a", Models: []string{"smal"}, Utterances: []string{"y"}}, "")), codes.InvalidArgument, "INVALID_CATALOG", "changes[1].put_route.route.models[0]", "did you mean"},
		"a known utterance": {apply(s, "", addTo("refunds", "x", "where is my parcel")), codes.InvalidArgument, "INVALID_CATALOG", "changes[0].add_utterances.utterances[1]", "delivery"},
		"a route in use":    {apply(s, "", remove("delivery")), codes.InvalidArgument, "INVALID_CATALOG", "catalog.rules[0].route", "delivery"},
		"a bound beyond 1":  {apply(s, "", put(&semroutev1.RouteDefinition{Name: "a", MinConfidence: new(2.0)}, "")), codes.InvalidArgument, "INVALID_REQUEST", "changes[0].put_route.route.min_confidence", ""},
		"no change":         {apply(s, "", &semroutev1.CatalogChange{}), codes.InvalidArgument, "INVALID_REQUEST", "changes[0].change", ""},
		"an unknown one": {func() error {
			_, err := s.GetRoute(t.Context(), &semroutev1.GetRouteRequest{Name: "refund"})
			return err
		}, codes.NotFound, "NO_SUCH_ROUTE", "", `"refunds"`},
		"an old revision": {func() error {
			_, err := s.GetRevision(t.Context(), &semroutev1.GetRevisionRequest{Number: 7})
			return err
		}, codes.NotFound, "NO_SUCH_REVISION", "", "7"},
		"nothing to preview": {func() error {
			_, err := s.Preview(t.Context(), &semroutev1.PreviewRequest{Changes: []*semroutev1.CatalogChange{addTo("refunds", "x")}})
			return err
		}, codes.InvalidArgument, "NO_PROMPTS", "", "recent"},
		"a put": {func() error {
			_, err := s.PutRoute(t.Context(), &semroutev1.PutRouteRequest{Route: &semroutev1.RouteDefinition{Name: "a", Utterances: []string{""}}})
			return err
		}, codes.InvalidArgument, "INVALID_CATALOG", "route.utterances[0]", "empty"},
		"a strange page": {func() error {
			_, err := s.ListRoutes(t.Context(), &semroutev1.ListRoutesRequest{PageToken: "x"})
			return err
		}, codes.InvalidArgument, "INVALID_REQUEST", "", "page_token"},
		"a page of before": {func() error {
			_, err := s.ListRoutes(t.Context(), &semroutev1.ListRoutesRequest{PageToken: "1.old"})
			return err
		}, codes.Aborted, "STALE_ETAG", "", "begin again"},
	} {
		t.Run(name, func(t *testing.T) {
			got := status.Convert(c.call())
			if got.Code() != c.code || !strings.Contains(got.Message(), c.text) {
				t.Errorf("%s: %s", got.Code(), got.Message())
			}
			reason, field := "", ""
			for _, d := range got.Details() {
				switch d := d.(type) {
				case *errdetails.ErrorInfo:
					reason = d.GetReason()
				case *errdetails.BadRequest:
					field = d.GetFieldViolations()[0].GetField()
				}
			}
			if reason != c.reason || field != c.field {
				t.Errorf("reason %q, field %q, want %q and %q", reason, field, c.reason, c.field)
			}
		})
	}
	if got := s.engine.Status().Fingerprint; got != before {
		t.Error("something has changed")
	}
}

// TestManyProblemsFitIntoAStatus holds that a status with as much to say as there
// can be arrives, and that ValidateCatalog says all of it.
func TestManyProblemsFitIntoAStatus(t *testing.T) {
	s := serve(t, true, nil)
	long := strings.Repeat("ü", 4000)
	texts := make([]string, 50)
	for i := range texts {
		texts[i] = long // the same one, again and again
	}
	change := addTo("refunds", texts...)
	_, err := s.ApplyChanges(t.Context(), &semroutev1.ApplyChangesRequest{Changes: []*semroutev1.CatalogChange{change}})
	if got := status.Convert(err); got.Code() != codes.InvalidArgument || len(got.Details()) != 2 {
		t.Errorf("%v", err)
	}
	all, err := s.ValidateCatalog(t.Context(), &semroutev1.ValidateCatalogRequest{Changes: []*semroutev1.CatalogChange{change}})
	if err != nil || len(all.GetProblems()) != 49 {
		t.Errorf("%v: %d problems", err, len(all.GetProblems()))
	}
	if fine, err := s.ValidateCatalog(t.Context(), &semroutev1.ValidateCatalogRequest{Changes: []*semroutev1.CatalogChange{addTo("refunds", "x")}}); err != nil || len(fine.GetProblems()) != 0 {
		t.Errorf("%v: %v", err, fine)
	}
}

func TestPreviewShowsWhatWouldChange(t *testing.T) {
	for _, fromStore := range []bool{true, false} {
		s := serve(t, fromStore, nil)
		before := s.engine.Status()
		cards := &semroutev1.RouteDefinition{Name: "cards", Utterances: []string{"my card is gone", "block my card", "i lost my credit card", "a new card please"}}
		resp, err := s.Preview(t.Context(), &semroutev1.PreviewRequest{
			Changes: []*semroutev1.CatalogChange{put(cards, "")},
			Prompts: []*semroutev1.PreviewPrompt{{Text: "i lost my credit card", Route: new("cards")}, {Text: "where is my refund"}},
			Recent:  2,
		})
		if err != nil {
			t.Fatal(err)
		}
		if resp.GetDecided() != 4 || resp.GetFixed() != 1 || resp.GetBroken() != 0 || resp.GetFingerprintBefore() != before.Fingerprint {
			t.Errorf("%v", resp)
		}
		own, err := s.Preview(t.Context(), &semroutev1.PreviewRequest{Changes: []*semroutev1.CatalogChange{put(cards, "")}, Evaluation: true})
		if err != nil || own.GetDecided() != 2 || own.GetLabelled() != 2 || own.GetFixed() != 1 || own.GetRightAfter() != own.GetRightBefore()+1 {
			t.Errorf("on the server's own prompts: %v, %v", own, err)
		}
		first := resp.GetDecisions()[0]
		if first.GetText() != "i lost my credit card" || first.GetAfter().GetRoute() != "cards" || first.GetEffect() != "fixed" {
			t.Errorf("%v", first)
		}
		if now := s.engine.Status(); now != before {
			t.Errorf("it serves %+v", now)
		}
	}
}

func TestStatusIsWatched(t *testing.T) {
	s := serve(t, true, nil)
	watching, err := s.WatchStatus(t.Context(), &semroutev1.WatchStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	first, err := watching.Recv()
	if err != nil || first.GetStatus().GetState() != semroutev1.CatalogStatus_SERVING || first.GetStatus().GetSource() != semroutev1.CatalogStatus_STORE || first.GetStatus().GetRevision().GetNumber() != 1 {
		t.Fatalf("%v: %v", err, first)
	}
	applied, err := s.AddUtterances(t.Context(), &semroutev1.AddUtterancesRequest{Route: "refunds", Utterances: []string{"pay me"}})
	if err != nil {
		t.Fatal(err)
	}
	for {
		next, err := watching.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if got := next.GetStatus(); got.GetBuilding() == nil && got.GetFingerprint() == applied.GetApplied().GetFingerprint() {
			if got.GetRevision().GetNumber() != 2 || got.GetSwaps() != 2 {
				t.Errorf("%v", got)
			}
			break
		}
	}
}

// known is an authenticator to whom every caller is the same.
type known struct{}

func (known) Authenticate(context.Context, auth.Credentials) (*auth.Identity, error) {
	return &auth.Identity{ID: "key:1", Name: "ops", Claims: auth.Claims{Roles: auth.Roles()}}, nil
}

func TestTheHistoryNamesWhoCalls(t *testing.T) {
	s := serveTo(t, known{}, base, true, nil)
	for said, want := range map[string]string{"": "ops (key:1)", "ann": "ann, as ops (key:1)"} {
		got, err := s.AddUtterances(t.Context(), &semroutev1.AddUtterancesRequest{
			Route: "refunds", Utterances: []string{"pay " + said}, Remark: &semroutev1.Remark{Author: said},
		})
		if err != nil || got.GetApplied().GetRevision().GetAuthor() != want {
			t.Errorf("%v: %v, want %q", err, got, want)
		}
	}
}

func TestRoutesComeInPages(t *testing.T) {
	s := serve(t, false, nil)
	var names []string
	token := ""
	for {
		page, err := s.ListRoutes(t.Context(), &semroutev1.ListRoutesRequest{PageSize: 1, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.GetRoutes() {
			names = append(names, r.GetName())
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"refunds", "delivery"}, names); diff != "" {
		t.Error(diff)
	}
	if got, err := s.Reload(t.Context(), &semroutev1.ReloadRequest{}); err != nil || got.GetApplied().GetRevision().GetNumber() != 1 {
		t.Errorf("%v: %v", err, got)
	}
}
