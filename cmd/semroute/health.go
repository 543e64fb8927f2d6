package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// newHealth asks a server whether it serves: for container health checks, in
// images that hold nothing but the binary.
func newHealth(std stdio) *cobra.Command {
	var address string
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a server whether it is ready; exit code 1 when it is not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), 5*time.Second)
			defer cancel()
			return checkHealth(ctx, std, address)
		},
	}
	cmd.Flags().StringVar(&address, "server", "127.0.0.1:50051", "address of the server")
	return cmd
}

func checkHealth(ctx context.Context, std stdio, address string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return wrongUse("--server %s: %w", address, err)
	}
	defer func() { _ = conn.Close() }()
	resp, err := healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
	if err != nil {
		return fmt.Errorf("server %s: %w", address, err)
	}
	if resp.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		return fmt.Errorf("server %s is %s", address, resp.GetStatus())
	}
	_, err = fmt.Fprintln(std.out, resp.GetStatus())
	return err
}
