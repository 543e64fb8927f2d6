package catalogapi

import (
	"context"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/engine/revision"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes/edit"
)

// apply makes changes; field says where each of them stands in the request.
func (s *Service) apply(ctx context.Context, changes []edit.Change, etag string, by *semroutev1.Remark, field fieldOf) (*semroutev1.Applied, error) {
	applied, err := s.source.Apply(ctx, revision.Change{Changes: changes, Etag: etag, Author: author(ctx, by), Cause: by.GetCause()})
	if err != nil {
		return nil, toldOf(err, field)
	}
	return appliedToProto(applied), nil
}

// author is who makes a change: where callers are known, what they say of
// themselves stands beside who they are.
func author(ctx context.Context, by *semroutev1.Remark) string {
	caller := auth.FromContext(ctx)
	switch {
	case caller.Unchecked():
		return by.GetAuthor()
	case by.GetAuthor() == "":
		return caller.Name + " (" + caller.ID + ")"
	}
	return by.GetAuthor() + ", as " + caller.Name + " (" + caller.ID + ")"
}

// ApplyChanges makes many changes at once.
func (s *Service) ApplyChanges(ctx context.Context, req *semroutev1.ApplyChangesRequest) (*semroutev1.ApplyChangesResponse, error) {
	applied, err := s.apply(ctx, changesFromProto(req.GetChanges()), req.GetExpect().GetCatalogEtag(), req.GetRemark(), inChanges(req.GetChanges()))
	if err != nil {
		return nil, err
	}
	return &semroutev1.ApplyChangesResponse{Applied: applied}, nil
}

// PutRoute puts one route.
func (s *Service) PutRoute(ctx context.Context, req *semroutev1.PutRouteRequest) (*semroutev1.PutRouteResponse, error) {
	applied, err := s.apply(ctx, []edit.Change{{Put: putFromProto(req.GetRoute(), req.GetEtag())}}, "", req.GetRemark(), within("route"))
	if err != nil {
		return nil, err
	}
	return &semroutev1.PutRouteResponse{Applied: applied}, nil
}

// DeleteRoute deletes one route.
func (s *Service) DeleteRoute(ctx context.Context, req *semroutev1.DeleteRouteRequest) (*semroutev1.DeleteRouteResponse, error) {
	change := edit.Change{Delete: &edit.Delete{Route: req.GetName(), Etag: req.GetEtag()}}
	applied, err := s.apply(ctx, []edit.Change{change}, "", req.GetRemark(), within(""))
	if err != nil {
		return nil, err
	}
	return &semroutev1.DeleteRouteResponse{Applied: applied}, nil
}

// AddUtterances adds utterances to one route.
func (s *Service) AddUtterances(ctx context.Context, req *semroutev1.AddUtterancesRequest) (*semroutev1.AddUtterancesResponse, error) {
	change := edit.Change{Add: &edit.Utterances{Route: req.GetRoute(), Texts: req.GetUtterances(), Etag: req.GetEtag()}}
	applied, err := s.apply(ctx, []edit.Change{change}, "", req.GetRemark(), within(""))
	if err != nil {
		return nil, err
	}
	return &semroutev1.AddUtterancesResponse{Applied: applied}, nil
}

// RemoveUtterances removes utterances of one route.
func (s *Service) RemoveUtterances(ctx context.Context, req *semroutev1.RemoveUtterancesRequest) (*semroutev1.RemoveUtterancesResponse, error) {
	change := edit.Change{Remove: &edit.Utterances{Route: req.GetRoute(), Texts: req.GetUtterances(), Etag: req.GetEtag()}}
	applied, err := s.apply(ctx, []edit.Change{change}, "", req.GetRemark(), within(""))
	if err != nil {
		return nil, err
	}
	return &semroutev1.RemoveUtterancesResponse{Applied: applied}, nil
}

// Reload reads the catalog again.
func (s *Service) Reload(ctx context.Context, _ *semroutev1.ReloadRequest) (*semroutev1.ReloadResponse, error) {
	applied, err := s.source.Reload(ctx)
	if err != nil {
		return nil, Told(err)
	}
	return &semroutev1.ReloadResponse{Applied: appliedToProto(applied)}, nil
}

// Rollback returns to an earlier revision.
func (s *Service) Rollback(ctx context.Context, req *semroutev1.RollbackRequest) (*semroutev1.RollbackResponse, error) {
	by := req.GetRemark()
	applied, err := s.source.Rollback(ctx, req.GetNumber(), req.GetExpect().GetCatalogEtag(), author(ctx, by), by.GetCause())
	if err != nil {
		return nil, Told(err)
	}
	return &semroutev1.RollbackResponse{Applied: appliedToProto(applied)}, nil
}

// ValidateCatalog says what is wrong with changes.
func (s *Service) ValidateCatalog(_ context.Context, req *semroutev1.ValidateCatalogRequest) (*semroutev1.ValidateCatalogResponse, error) {
	catalog, err := s.source.Validate(changesFromProto(req.GetChanges()))
	problems, others := problemsOf(err, inChanges(req.GetChanges()))
	if others != nil {
		return nil, Told(others)
	}
	resp := &semroutev1.ValidateCatalogResponse{Problems: problems}
	if catalog != nil {
		resp.Warnings = warningsToProto(catalog.Warnings)
	}
	return resp, nil
}
