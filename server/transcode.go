package server

import (
	"net/http"

	"connectrpc.com/vanguard"
	"connectrpc.com/vanguard/vanguardgrpc"
	"github.com/semroute/semroute/server/rest"
)

// Transcoded are the gRPC services as REST and JSON, Connect and gRPC-Web, by
// patterns of http.ServeMux. They pass through the same interceptors: who may call
// what is asked there. It is to be called once all services are registered.
func (s *Server) Transcoded() (map[string]http.HandlerFunc, error) {
	rules := rest.Rules()
	transcoder, err := vanguardgrpc.NewTranscoder(s.grpc, vanguard.WithRules(rules...), vanguard.WithCodec(rest.NewJSON))
	if err != nil {
		return nil, err
	}
	route, err := s.transcodedRoute()
	if err != nil {
		return nil, err
	}
	handlers := map[string]http.HandlerFunc{
		rest.Pattern(rest.RouteRule()): route.ServeHTTP,
		string(rest.Document):          rest.ServeDocument,
	}
	for name := range s.grpc.GetServiceInfo() {
		handlers["/"+name+"/"] = transcoder.ServeHTTP
	}
	for _, rule := range rules {
		handlers[rest.Pattern(rule)] = transcoder.ServeHTTP
	}
	return handlers, nil
}

// transcodedRoute answers Route as REST.
func (s *Server) transcodedRoute() (*vanguard.Transcoder, error) {
	schema, err := rest.OnlyRoute()
	if err != nil {
		return nil, err
	}
	service := vanguard.NewServiceWithSchema(schema, s.grpc, vanguard.WithTargetProtocols(vanguard.ProtocolGRPC), vanguard.WithTargetCodecs(vanguard.CodecProto))
	return vanguard.NewTranscoder([]*vanguard.Service{service}, vanguard.WithRules(rest.RouteRule()), vanguard.WithCodec(rest.NewJSON))
}
