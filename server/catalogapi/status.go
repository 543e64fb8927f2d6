package catalogapi

import (
	"context"
	"errors"
	"time"

	"github.com/semroute/semroute/engine"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// statusEvery is the least time between two messages about one build.
const statusEvery = 100 * time.Millisecond

var states = map[engine.State]semroutev1.CatalogStatus_State{
	engine.Starting: semroutev1.CatalogStatus_STARTING, engine.Serving: semroutev1.CatalogStatus_SERVING,
	engine.Degraded: semroutev1.CatalogStatus_DEGRADED, engine.Stale: semroutev1.CatalogStatus_STALE,
}

// GetStatus is the present status.
func (s *Service) GetStatus(context.Context, *semroutev1.GetStatusRequest) (*semroutev1.GetStatusResponse, error) {
	return &semroutev1.GetStatusResponse{Status: s.status(s.engine.Status())}, nil
}

// WatchStatus sends the status now and as it changes, not more often than
// statusEvery, and always the last.
func (s *Service) WatchStatus(_ *semroutev1.WatchStatusRequest, stream grpc.ServerStreamingServer[semroutev1.WatchStatusResponse]) error {
	var sent *semroutev1.CatalogStatus
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		now, changed := s.engine.StatusChange()
		if status := s.status(now); !proto.Equal(status, sent) {
			if err := stream.Send(&semroutev1.WatchStatusResponse{Status: status}); err != nil {
				return err
			}
			sent = status
		}
		pause.Reset(statusEvery)
		select {
		case <-pause.C:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
		select {
		case <-changed:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

func (s *Service) status(now engine.Status) *semroutev1.CatalogStatus {
	_, r := s.source.Now()
	status := &semroutev1.CatalogStatus{
		State: states[now.State], Source: semroutev1.CatalogStatus_STORE, Revision: revisionToProto(r), Fingerprint: now.Fingerprint,
		Routes: uint32(now.Routes), Utterances: uint32(now.Utterances), LeftOut: uint32(now.LeftOut), Untrained: uint32(now.Untrained),
		Swaps: now.Swaps, Failures: now.Failures,
	}
	if s.source.FromFiles() {
		status.Source = semroutev1.CatalogStatus_FILES
	}
	if w := now.Building; w.What != "" {
		status.Building = &semroutev1.CatalogStatus_Work{What: w.What, Done: int64(w.Done), Total: int64(w.Total)}
	}
	if now.Err != nil {
		status.Error = errorText(now.Err)
	}
	return status
}

// errorText is why the last attempt failed, as its caller was told, too.
func errorText(err error) string {
	if errors.Is(err, context.Canceled) {
		return "the attempt was given up"
	}
	return short(err.Error())
}
