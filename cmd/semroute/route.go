package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	"github.com/spf13/cobra"
)

// maxPromptBytes bounds a line of standard input; the server takes no more.
const maxPromptBytes = 1 << 20

// decideTimeout bounds one decision asked of a server.
const decideTimeout = 30 * time.Second

// routeFlags are the flags of `route`.
type routeFlags struct {
	server  serverAddress
	asJSON  bool
	explain bool
}

// newRoute decides prompts, in process or by a server.
func newRoute(s *settings, std stdio) *cobra.Command {
	var flags routeFlags
	cmd := &cobra.Command{
		Use:   "route [flags] [PROMPT...]",
		Short: "Decide which route prompts belong to",
		Long:  "Decides prompts given as arguments or, with `-`, as lines of standard input.",
		Example: "  semroute route --catalog examples/support \"where is my parcel\"\n" +
			"  semroute route --server 127.0.0.1:50051 --json - < prompts.txt",
		Args: routeArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.route(cmd.Context(), std, flags, args)
		},
	}
	s.decisionFlags(cmd)
	addServer(cmd.Flags(), &flags.server, "server", "", "ask the server at this address instead of deciding in process")
	cmd.Flags().BoolVar(&flags.asJSON, "json", false, "print one JSON object a prompt")
	cmd.Flags().BoolVar(&flags.explain, "explain", false, "print candidates, matches and timings")
	return cmd
}

// routeArgs looks at the command line alone: a catalog in the environment does
// not keep anyone from asking a server.
func routeArgs(cmd *cobra.Command, args []string) error {
	if cmd.Flags().Changed("server") && cmd.Flags().Changed("catalog") {
		return errors.New("--catalog is the server's affair: leave it out with --server")
	}
	return cobra.MinimumNArgs(1)(cmd, args)
}

// decide answers one prompt.
type decide func(ctx context.Context, text string) (*semroutev1.Decision, error)

func (s *settings) route(ctx context.Context, std stdio, flags routeFlags, prompts []string) error {
	decide, done, err := s.decideBy(ctx, std, flags.server)
	if err != nil {
		return err
	}
	defer done()
	answer := func(text string) error {
		d, err := decide(ctx, text)
		if err != nil {
			return err
		}
		if flags.asJSON {
			return writeLineJSON(readable(std.out), jsonOfDecision(d))
		}
		return writeDecision(readable(std.out), d, flags.explain)
	}
	if len(prompts) == 1 && prompts[0] == "-" {
		return eachLine(std.in, answer)
	}
	for _, prompt := range prompts {
		if err := answer(prompt); err != nil {
			return err
		}
	}
	return nil
}

// decideBy asks the server where one is named and decides in process otherwise.
func (s *settings) decideBy(ctx context.Context, std stdio, asked serverAddress) (decide, func(), error) {
	if asked.address != "" {
		return decideRemote(ctx, asked)
	}
	local, err := s.localEngine(ctx, std)
	if err != nil {
		return nil, nil, err
	}
	decide := func(ctx context.Context, text string) (*semroutev1.Decision, error) {
		d, err := local.Decide(ctx, router.Prompt{Text: text}, router.Limits{})
		if err != nil {
			return nil, err
		}
		return server.DecisionToProto(&d), nil
	}
	return decide, func() { _ = local.Close() }, nil
}

func decideRemote(ctx context.Context, asked serverAddress) (decide, func(), error) {
	conn, err := asked.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	client := semroutev1.NewRouterServiceClient(conn)
	decide := func(ctx context.Context, text string) (*semroutev1.Decision, error) {
		ctx, cancel := context.WithTimeout(ctx, decideTimeout)
		defer cancel()
		resp, err := client.Route(ctx, &semroutev1.RouteRequest{
			Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}},
		})
		if err != nil {
			return nil, fmt.Errorf("server %s: %w", asked.address, err)
		}
		return resp.GetDecision(), nil
	}
	return decide, func() { _ = conn.Close() }, nil
}

// eachLine calls do with every line.
func eachLine(r io.Reader, do func(string) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxPromptBytes)
	n := 0
	for lines.Scan() {
		n++
		if err := do(lines.Text()); err != nil {
			return fmt.Errorf("standard input, line %d: %w", n, err)
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("standard input, line %d is longer than %d bytes", n+1, maxPromptBytes)
	}
	return lines.Err()
}
