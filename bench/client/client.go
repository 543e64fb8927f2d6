// Package client holds what everything that calls a server over gRPC in a
// benchmark needs: connections, addresses that are free, and prompts
// worded as requests.
package client

import (
	"context"
	"net"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Connect makes a connection, which is dialled with the first call, without TLS
// unless options say otherwise.
func Connect(address string, options ...grpc.DialOption) (*grpc.ClientConn, error) {
	return grpc.NewClient(address, append([]grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}, options...)...)
}

// Listen listens on a TCP address; port 0 is any that is free.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(ctx, "tcp", address)
}

// FreeAddress is one of the loopback's that was free a moment ago.
func FreeAddress(ctx context.Context) (string, error) {
	listener, err := Listen(ctx, "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// Requests are the prompts as requests for a decision.
func Requests(prompts []string) []*semroutev1.RouteRequest {
	all := make([]*semroutev1.RouteRequest, len(prompts))
	for i, p := range prompts {
		all[i] = Request(p)
	}
	return all
}

// Request is a request for a decision.
func Request(text string) *semroutev1.RouteRequest {
	return &semroutev1.RouteRequest{Prompt: Prompt(text)}
}

// Prompt is a prompt of plain text.
func Prompt(text string) *semroutev1.Prompt {
	return &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}}
}
