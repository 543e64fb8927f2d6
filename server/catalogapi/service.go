// Package catalogapi is the gRPC service that shows and changes the catalog of a
// running server: it converts requests and answers, and says how errors are told.
// What a change is, and what comes of it, is engine/revision's and routes/edit's.
package catalogapi

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/eval"
	"github.com/semroute/semroute/ingress"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
	"google.golang.org/grpc"
)

// Engine decides, and says how it is doing; *engine.Engine is one.
type Engine interface {
	eval.Decider
	Status() engine.Status
	StatusChange() (engine.Status, <-chan struct{})
}

// Recent gives the texts of the prompts that were decided last, the newest first.
type Recent func(ctx context.Context, limit int) ([]string, error)

// Service implements semroutev1.CatalogServiceServer. Requests reach it
// validated.
type Service struct {
	semroutev1.UnimplementedCatalogServiceServer
	source *revision.Source
	engine Engine
	recent Recent
	own    []routes.Labelled // the server's labelled prompts
}

// New makes the service. recent nil means that no prompts are kept; own are the
// server's labelled prompts, on which a change can be tried.
func New(source *revision.Source, e Engine, recent Recent, own []routes.Labelled) *Service {
	return &Service{source: source, engine: e, recent: recent, own: own}
}

// Register is for server.Config.
func (s *Service) Register(r grpc.ServiceRegistrar) { semroutev1.RegisterCatalogServiceServer(r, s) }

// listedRoutes is how many routes a page has where nothing else is asked for, and
// at most.
const listedRoutes = 1000

// ListRoutes lists the routes in the catalog's order.
func (s *Service) ListRoutes(_ context.Context, req *semroutev1.ListRoutesRequest) (*semroutev1.ListRoutesResponse, error) {
	catalog, r := s.source.Now()
	from, err := pageStart(req.GetPageToken(), r.Etag, len(catalog.Routes))
	if err != nil {
		return nil, err
	}
	size := int(req.GetPageSize())
	if size == 0 {
		size = listedRoutes
	}
	to := min(from+size, len(catalog.Routes))
	resp := &semroutev1.ListRoutesResponse{CatalogEtag: r.Etag}
	for i := from; i < to; i++ {
		resp.Routes = append(resp.Routes, summary(&catalog.Routes[i]))
	}
	if to < len(catalog.Routes) {
		resp.NextPageToken = strconv.Itoa(to) + "." + r.Etag
	}
	return resp, nil
}

// pageStart is where a page begins: a token is a number and the etag of the
// catalog that it counts in.
func pageStart(token, etag string, n int) (int, error) {
	if token == "" {
		return 0, nil
	}
	number, of, _ := strings.Cut(token, ".")
	at, err := strconv.Atoi(number)
	if err != nil || at < 0 || at > n {
		return 0, failed(errToken, ingress.Invalid, "INVALID_REQUEST")
	}
	if of != etag {
		return 0, failed(errPageStale, ingress.Aborted, "STALE_ETAG")
	}
	return at, nil
}

// GetRoute is one route.
func (s *Service) GetRoute(_ context.Context, req *semroutev1.GetRouteRequest) (*semroutev1.GetRouteResponse, error) {
	catalog, r := s.source.Now()
	at := slices.IndexFunc(catalog.Routes, func(route routes.Route) bool { return route.Name == req.GetName() })
	if at < 0 {
		return nil, noRoute(catalog, req.GetName())
	}
	route := &catalog.Routes[at]
	definition, err := routeToProto(route)
	if err != nil {
		return nil, err
	}
	return &semroutev1.GetRouteResponse{Route: definition, Etag: edit.Etag(route), CatalogEtag: r.Etag}, nil
}

// ListRevisions lists the newest first.
func (s *Service) ListRevisions(ctx context.Context, req *semroutev1.ListRevisionsRequest) (*semroutev1.ListRevisionsResponse, error) {
	limit := int(req.GetLimit())
	if limit == 0 {
		limit = listedRevisions
	}
	list, err := s.source.Revisions(ctx, req.GetBelow(), limit)
	if err != nil {
		return nil, Told(err)
	}
	resp := &semroutev1.ListRevisionsResponse{}
	for _, r := range list {
		resp.Revisions = append(resp.Revisions, revisionToProto(r))
	}
	return resp, nil
}

const listedRevisions = 50

// GetRevision is one revision with its content.
func (s *Service) GetRevision(ctx context.Context, req *semroutev1.GetRevisionRequest) (*semroutev1.GetRevisionResponse, error) {
	r, text, err := s.source.Revision(ctx, req.GetNumber())
	if err != nil {
		return nil, Told(err)
	}
	return &semroutev1.GetRevisionResponse{Revision: revisionToProto(r), Yaml: string(text)}, nil
}

// ExportCatalog is the catalog in place.
func (s *Service) ExportCatalog(context.Context, *semroutev1.ExportCatalogRequest) (*semroutev1.ExportCatalogResponse, error) {
	r, text, err := s.source.Export()
	if err != nil {
		return nil, Told(err)
	}
	return &semroutev1.ExportCatalogResponse{Yaml: string(text), CatalogEtag: r.Etag, Revision: revisionToProto(r)}, nil
}
