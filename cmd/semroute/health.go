package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// newHealth asks a server whether it serves: for container health checks, in
// images that hold nothing but the binary.
func newHealth(std stdio) *cobra.Command {
	var asked serverAddress
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a server whether it is ready; exit code 1 when it is not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			conn, err := asked.connect(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(std.out, healthv1.HealthCheckResponse_SERVING)
			return errors.Join(err, conn.Close())
		},
	}
	addServer(cmd.Flags(), &asked, "server", "127.0.0.1:50051", "address of the server")
	return cmd
}
