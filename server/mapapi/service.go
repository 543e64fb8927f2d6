// Package mapapi is the gRPC service that draws a catalog's utterances on a plane:
// it gathers what serves, has it drawn by eval/projection and looked at by eval/lint
// and learn/labelerrors, once for each generation, and converts. One drawing is kept,
// in about a quarter of the memory of its vectors and at most some 14 MB. It decides
// nothing, and nothing that decides waits for it.
package mapapi

import (
	"context"
	"errors"
	"sync"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/eval/projection"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/internal/flight"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc"
)

// Engine is what serves; *engine.Engine is one.
type Engine interface {
	Status() engine.Status
	Inventory(ctx context.Context, vectors bool) (engine.Inventory, error)
	Embed(ctx context.Context, texts []string) (vectors [][]float32, embedder string, err error)
	DecideBatch(ctx context.Context, prompts []router.Prompt, limits router.Limits) ([]router.Decision, error)
}

// Records are decisions that were kept; Sync waits for those that are being kept.
type Records interface {
	Records(ctx context.Context, filter store.RecordFilter) ([]store.Record, error)
	Sync(ctx context.Context) error
}

// Service implements semroutev1.MapServiceServer. Requests reach it validated.
type Service struct {
	semroutev1.UnimplementedMapServiceServer
	engine  Engine
	records Records // nil where none are kept

	flight *flight.Work[*drawing]

	mu  sync.Mutex // protects now
	now *drawing   // the last one that was finished; nil while another is made
}

// New makes the service; records may be nil. Close ends what it does beside calls.
func New(e Engine, records Records) *Service {
	return &Service{engine: e, records: records, flight: flight.New[*drawing](longest)}
}

// Register is for server.Config.
func (s *Service) Register(r grpc.ServiceRegistrar) { semroutev1.RegisterMapServiceServer(r, s) }

// errChanging: each drawing was of a generation that had been replaced when it was done.
var errChanging = errors.New("the catalog changes faster than it can be drawn; try again")

// outdated tells it to the caller.
func outdated() error {
	return &ingress.FailedError{Err: errChanging, Failure: ingress.Failure{Kind: ingress.Aborted, Reason: "MAP_OUTDATED", Message: errChanging.Error()}}
}

// GetMap implements the service.
func (s *Service) GetMap(ctx context.Context, req *semroutev1.GetMapRequest) (*semroutev1.GetMapResponse, error) {
	d, err := s.drawing(ctx)
	if err != nil {
		return nil, err
	}
	resp := d.toProto(req.GetMethod())
	resp.Abstentions, resp.AbstentionsNotice, err = s.abstentions(ctx, d, req.GetMethod(), int(req.GetAbstentions()))
	return resp, err
}

// usualNearest is how many utterances are named where nobody says.
const usualNearest = 8

// PlacePrompts implements the service.
func (s *Service) PlacePrompts(ctx context.Context, req *semroutev1.PlacePromptsRequest) (*semroutev1.PlacePromptsResponse, error) {
	d, err := s.drawing(ctx)
	if err != nil {
		return nil, err
	}
	texts := req.GetPrompts()
	vectors, err := s.embed(ctx, d, texts)
	if err != nil {
		return nil, err
	}
	prompts := make([]router.Prompt, len(texts))
	for i, text := range texts {
		prompts[i].Text = text
	}
	decisions, err := s.engine.DecideBatch(ctx, prompts, router.Limits{})
	if err != nil {
		return nil, err
	}
	n := int(req.GetNearest())
	if n == 0 {
		n = usualNearest
	}
	resp := &semroutev1.PlacePromptsResponse{Fingerprint: d.fingerprint}
	for i, vector := range vectors {
		nearest, err := d.picture.Nearest(vector, n)
		if err != nil {
			return nil, err
		}
		method := methodOf(req.GetMethod())
		at := d.picture.Place(method, vector, nearest)
		resp.Placements = append(resp.Placements, &semroutev1.MapPlacement{
			X: at.X, Y: at.Y, Decision: server.DecisionToProto(&decisions[i]), Nearest: d.neighboursToProto(method, nearest),
		})
	}
	return resp, nil
}

// embed gives the vectors of texts by the embedder of the drawing.
func (s *Service) embed(ctx context.Context, d *drawing, texts []string) ([][]float32, error) {
	vectors, by, err := s.engine.Embed(ctx, texts)
	if err == nil && by != d.embedder {
		err = outdated()
	}
	return vectors, err
}

// methodOf is PCA only where it was asked for.
func methodOf(m semroutev1.MapMethod) projection.Method {
	if m == semroutev1.MapMethod_MAP_METHOD_PCA {
		return projection.PCA
	}
	return projection.Neighbours
}
