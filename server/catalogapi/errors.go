package catalogapi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
	"github.com/semroute/semroute/server"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
)

var (
	errToken     = errors.New("page_token is not one that this service gave; begin without")
	errPageStale = errors.New("the catalog has changed since the page before; begin again without page_token")
	errNoPrompts = errors.New("no prompts to decide: give some, or recent, for which the server's store must keep the text of prompts (--ledger, --store-prompts), or evaluation, for which it must have labelled prompts (--gate-data)")
)

// failed is an error with how it is told, in its own words.
func failed(err error, kind ingress.Kind, reason string) error {
	return &ingress.FailedError{Err: err, Failure: ingress.Failure{Kind: kind, Reason: reason, Message: err.Error()}}
}

// rules say how the errors of changes are told, in order. Their words hold nothing
// but what the caller sent, or may know who may change the catalog.
var rules = []struct {
	is     error
	kind   ingress.Kind
	reason string
}{
	{revision.ErrFiles, ingress.Unsuitable, "CATALOG_FROM_FILES"},
	{revision.ErrNoRevision, ingress.NotFound, "NO_SUCH_REVISION"},
	{revision.ErrKeep, ingress.Unavailable, "REVISION_NOT_KEPT"},
	{engine.ErrRefused, ingress.Unsuitable, "REFUSED_BY_CHECK"},
	{engine.ErrNothingEarlier, ingress.NotFound, "NO_SUCH_REVISION"},
	{forward.ErrSecret, ingress.Unsuitable, "MODELS_CANNOT_BE_CALLED"},
	{forward.ErrConfig, ingress.Unsuitable, "MODELS_CANNOT_BE_CALLED"},
}

// Told says how an error of changes is told, also behind other services.
func Told(err error) error { return toldOf(err, within("")) }

// toldOf is Told of an error of changes; field says where each stands.
func toldOf(err error, field fieldOf) error {
	var stale *revision.StaleError
	var route *edit.RouteError
	var broken routes.Problems
	problems, others := problemsOf(err, field)
	switch {
	case err == nil:
		return nil
	case others == nil:
		return invalid(problems)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &stale):
		return server.Status(codes.Aborted, err.Error(), "STALE_ETAG", map[string]string{
			"etag": stale.Head.Etag, "revision": strconv.FormatInt(stale.Head.Number, 10),
		})
	case errors.As(err, &route):
		return ofRoute(route, field)
	case errors.As(err, &broken):
		return failed(err, ingress.Unsuitable, "CATALOG_BROKEN")
	}
	for _, rule := range rules {
		if errors.Is(err, rule.is) {
			return failed(err, rule.kind, rule.reason)
		}
	}
	if engine.MayPass(err) {
		return &ingress.FailedError{Err: err, Failure: ingress.Failure{
			Kind: ingress.Unavailable, Reason: "BUILD_UNAVAILABLE", Message: "the embedder or index that building needs is not available; the server's log says more",
		}}
	}
	return err
}

func ofRoute(e *edit.RouteError, field fieldOf) error {
	at := map[string]string{"route": e.Route, "field": field(e.Change, "")}
	if errors.Is(e, edit.ErrStale) {
		at["etag"] = e.Etag
		return server.Status(codes.Aborted, fmt.Sprintf("route %q: %v", e.Route, e.Err), "STALE_ETAG", at)
	}
	message := fmt.Sprintf("there is no route %q", e.Route)
	if e.Near != "" {
		message += fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return server.Status(codes.NotFound, message, "NO_SUCH_ROUTE", at)
}

func noRoute(c *routes.Catalog, name string) error {
	names := make([]string, len(c.Routes))
	for i := range c.Routes {
		names[i] = c.Routes[i].Name
	}
	slices.Sort(names)
	near, _ := routes.Nearest(name, names)
	return ofRoute(&edit.RouteError{Route: name, Near: near, Err: edit.ErrNoRoute}, within(""))
}

// A status has to fit into its trailers, so it names the first problems alone;
// ValidateCatalog gives all of them.
const (
	mostViolations = 6
	mostText       = 200
)

// invalid names problems by their fields.
func invalid(problems []*semroutev1.CatalogProblem) error {
	bad := &errdetails.BadRequest{}
	for _, p := range problems[:min(len(problems), mostViolations)] {
		bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
			Field: short(p.GetField()), Description: short(p.GetMessage()), Reason: "CATALOG",
		})
	}
	message := fmt.Sprintf("the catalog would have %d problems; the first: %s: %s", len(problems), short(problems[0].GetField()), short(problems[0].GetMessage()))
	if len(problems) == 1 {
		message = short(problems[0].GetField()) + ": " + short(problems[0].GetMessage())
	}
	return server.Status(codes.InvalidArgument, message, "INVALID_CATALOG", nil, bad)
}

func short(text string) string {
	if len(text) <= mostText {
		return text
	}
	return strings.ToValidUTF8(text[:mostText], "") + "…"
}

// fieldOf is the path of a field of a change in a request.
type fieldOf func(change int, field string) string

// within is the path where the change is the request itself, or a part of it.
func within(part string) fieldOf {
	return func(_ int, field string) string { return strings.Trim(part+"."+field, ".") }
}

// inChanges is the path in a list of changes.
func inChanges(list []*semroutev1.CatalogChange) fieldOf {
	return func(i int, field string) string {
		if i < 0 || i >= len(list) {
			return field
		}
		kind := ""
		switch list[i].GetChange().(type) {
		case *semroutev1.CatalogChange_PutRoute_:
			kind = "put_route.route"
		case *semroutev1.CatalogChange_DeleteRoute_:
			kind = "delete_route"
		case *semroutev1.CatalogChange_AddUtterances:
			kind = "add_utterances"
		case *semroutev1.CatalogChange_RemoveUtterances:
			kind = "remove_utterances"
		case *semroutev1.CatalogChange_ReplaceCatalog_:
			kind = "replace_catalog"
		}
		return strings.Trim(fmt.Sprintf("changes[%d].%s.%s", i, kind, field), ".")
	}
}

// problemsOf are the problems of an edit with their fields; an error of another
// kind is given back.
func problemsOf(err error, field fieldOf) (problems []*semroutev1.CatalogProblem, others error) {
	var found edit.Problems
	if !errors.As(err, &found) {
		return nil, err
	}
	for _, p := range found {
		at := strings.Trim("catalog."+p.Field, ".")
		if p.Change >= 0 {
			at = field(p.Change, p.Field)
		}
		problems = append(problems, &semroutev1.CatalogProblem{Field: at, Message: p.Message})
	}
	return problems, nil
}
