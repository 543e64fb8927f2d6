package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/user"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// maxCatalogAnswer bounds an answer of the catalog's service, which may hold all
// of a catalog.
const maxCatalogAnswer = 64 << 20

// routesFlags are what all commands about a server's catalog have.
type routesFlags struct {
	server  serverAddress
	timeout time.Duration
	asJSON  bool
}

// remarkFlags are those of commands that change the catalog.
type remarkFlags struct{ author, cause, etag string }

// newRoutes groups what is done with the catalog of a running server.
func newRoutes(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "routes",
		Short: "Show and change the catalog of a running server",
		Long: "Shows what a running server routes by, and changes it while it serves. Changing\n" +
			"needs a server with `serve --source store`; one that serves files follows those.",
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newRoutesList(std), newRoutesGet(std), newRoutesPut(std), newRoutesDelete(std), newRoutesAdd(std), newRoutesRemove(std),
		newRoutesPreview(std), newRoutesHistory(std), newRoutesRollback(std), newRoutesReload(std), newRoutesStatus(std), newRoutesExport(std),
	)
	return cmd
}

// routesCommand is one of them: do asks the service.
func routesCommand(std stdio, use, short, example string, args cobra.PositionalArgs, do func(c *catalogClient, args []string) error) *cobra.Command {
	c := &catalogClient{std: std}
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: args,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if c.flags.timeout <= 0 {
				return wrongUse("--timeout must be more than 0")
			}
			conn, err := c.flags.server.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, conn.Close()) }()
			var cancel context.CancelFunc
			c.ctx, cancel = context.WithTimeout(cmd.Context(), c.flags.timeout)
			defer cancel()
			c.service = semroutev1.NewCatalogServiceClient(conn)
			return catalogFailure(do(c, args))
		},
	}
	f := cmd.Flags()
	addServer(f, &c.flags.server, "server", "127.0.0.1:50051", "address of the server")
	f.DurationVar(&c.flags.timeout, "timeout", 10*time.Minute, "how long the server may take, building included")
	f.BoolVar(&c.flags.asJSON, "json", false, "print JSON")
	return cmd
}

// catalogClient is one call of a command.
type catalogClient struct {
	ctx     context.Context
	service semroutev1.CatalogServiceClient
	flags   routesFlags
	std     stdio
}

// large allows answers that hold a whole catalog.
func large() grpc.CallOption { return grpc.MaxCallRecvMsgSize(maxCatalogAnswer) }

// changeFlags adds those of commands that change the catalog.
func changeFlags(cmd *cobra.Command, flags *remarkFlags) {
	flags.add(cmd)
	cmd.Flags().StringVar(&flags.etag, "etag", "", "make the change only where the catalog still has this etag (default: whatever it has)")
}

// add adds the flags of a remark.
func (r *remarkFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.author, "author", "", "who makes the change, for the history (default: the user of this process)")
	f.StringVar(&r.cause, "cause", "", "why, for the history")
}

func (r *remarkFlags) remark() *semroutev1.Remark {
	author := r.author
	if author == "" {
		if u, err := user.Current(); err == nil {
			author = u.Username
		}
	}
	return &semroutev1.Remark{Author: author, Cause: r.cause}
}

func (r *remarkFlags) expectation() *semroutev1.Expectation {
	return &semroutev1.Expectation{CatalogEtag: r.etag}
}

// catalogFailure tells a service's error with all that it says.
func catalogFailure(err error) error {
	s, ok := status.FromError(err)
	if err == nil || !ok {
		return err
	}
	text := s.Message()
	for _, d := range s.Details() {
		if bad, ok := d.(*errdetails.BadRequest); ok && len(bad.GetFieldViolations()) > 1 {
			text = "the change has problems:"
			for _, v := range bad.GetFieldViolations() {
				text += fmt.Sprintf("\n%s: %s", v.GetField(), v.GetDescription())
			}
		}
	}
	return fmt.Errorf("%s (%s)", text, s.Code())
}

// printJSON prints a message as one line of JSON, with the schema's names.
func printJSON(out io.Writer, m proto.Message) error {
	data, err := protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true}.Marshal(m)
	if err != nil {
		return err
	}
	var line bytes.Buffer
	if err := json.Compact(&line, data); err != nil { // the library varies its blanks
		return err
	}
	line.WriteByte('\n')
	_, err = out.Write(line.Bytes())
	return err
}
