// Package trafficapi is the gRPC face of what a server notices about its traffic:
// it converts, and leaves the watching to package learn/monitor.
package trafficapi

import (
	"context"
	"errors"
	"time"

	"github.com/semroute/semroute/forward/health"
	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/monitor"
	"github.com/semroute/semroute/learn/trial"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Parts are what the service speaks for.
type Parts struct {
	// Monitor is nil where nothing is watched; Book is needed.
	Monitor *monitor.Monitor
	Book    *alarm.Book
	// Candidate is nil where none decides beside the server.
	Candidate Candidate
	// Outcomes are what trials are judged by; nil where none are kept. Catalog is
	// needed with them.
	Outcomes trial.Store
	Catalog  func() *routes.Catalog
	// Records are the decisions that were kept, and what they came to; nil where
	// none are.
	Records Records
	// Health is how the models that were asked are doing; nil where none are.
	Health func() []health.State
	// Now tells the time; time.Now by default.
	Now func() time.Time
}

// Records are decisions that were kept; Sync waits for those that are being kept.
type Records interface {
	store.Records
	store.Timelines
	store.Balances
	Sync(ctx context.Context) error
}

// Register gives what registers the service with a server.
func Register(parts Parts) func(grpc.ServiceRegistrar) {
	if parts.Now == nil {
		parts.Now = time.Now
	}
	return func(r grpc.ServiceRegistrar) {
		semroutev1.RegisterTrafficServiceServer(r, &service{parts: parts})
	}
}

// service implements the generated TrafficServiceServer. Requests reach it
// validated.
type service struct {
	semroutev1.UnimplementedTrafficServiceServer
	parts Parts
}

func (s *service) now() time.Time { return s.parts.Now() }

// errNotWatching: the server was started without.
var errNotWatching = status.Error(codes.Unimplemented, "this server does not watch for drift; start it without --drift=false")

// GetDrift implements the service.
func (s *service) GetDrift(context.Context, *semroutev1.GetDriftRequest) (*semroutev1.GetDriftResponse, error) {
	if s.parts.Monitor == nil {
		return nil, errNotWatching
	}
	return driftToProto(s.parts.Monitor.Report()), nil
}

// AcceptDrift implements the service.
func (s *service) AcceptDrift(context.Context, *semroutev1.AcceptDriftRequest) (*semroutev1.AcceptDriftResponse, error) {
	if s.parts.Monitor == nil {
		return nil, errNotWatching
	}
	err := s.parts.Monitor.Accept()
	if errors.Is(err, monitor.ErrTooFew) {
		return nil, status.Error(codes.FailedPrecondition, "there are too few decisions to make a reference of; try again when more prompts were served")
	}
	if err != nil {
		return nil, err
	}
	return &semroutev1.AcceptDriftResponse{Reference: referenceToProto(s.parts.Monitor.Report().Reference)}, nil
}

// ListAlarms implements the service.
func (s *service) ListAlarms(_ context.Context, req *semroutev1.ListAlarmsRequest) (*semroutev1.ListAlarmsResponse, error) {
	resp := &semroutev1.ListAlarmsResponse{}
	for _, a := range s.parts.Book.Alarms(req.GetLasting()) {
		if n := int(req.GetLimit()); n > 0 && len(resp.GetAlarms()) == n {
			break
		}
		resp.Alarms = append(resp.Alarms, alarmToProto(&a))
	}
	return resp, nil
}
