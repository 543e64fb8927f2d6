package server

import (
	"fmt"

	"buf.build/go/protovalidate"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/protobuf/proto"
)

// NewValidator compiles the rules of all requests, which takes milliseconds and
// needs nothing: whoever has other things to do meanwhile makes it beside them.
// It stops at the first rule that is broken: a request may break a million.
func NewValidator() (protovalidate.Validator, error) {
	v, err := protovalidate.New(
		protovalidate.WithFailFast(),
		protovalidate.WithMessages(&semroutev1.RouteRequest{}, &semroutev1.RouteBatchRequest{}, &semroutev1.StreamRouteRequest{}),
	)
	if err != nil {
		return nil, fmt.Errorf("request validation: %w", err)
	}
	return v, nil
}

// validate holds a request to its schema.
func validate(v protovalidate.Validator, req any) error {
	message, ok := req.(proto.Message)
	if !ok {
		return nil
	}
	if err := unreadable(message); err != nil {
		return err
	}
	return v.Validate(message)
}
