package server

import (
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// Ready says that the first generation is in place.
func (s *Server) Ready() { s.SetReady(true) }

// SetReady takes the server into rotation, or out of it without stopping it.
func (s *Server) SetReady(ready bool) {
	if ready {
		s.setServing(healthv1.HealthCheckResponse_SERVING)
		return
	}
	s.setServing(healthv1.HealthCheckResponse_NOT_SERVING)
}

func (s *Server) setServing(status healthv1.HealthCheckResponse_ServingStatus) {
	s.health.SetServingStatus("", status)
	s.health.SetServingStatus(semroutev1.RouterService_ServiceDesc.ServiceName, status)
}
