package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// chatFlags are the flags of `chat`.
type chatFlags struct {
	server    serverAddress
	system    string
	maxTokens int
	timeout   time.Duration
	user      string
	team      string
	tier      string
	asJSON    bool
	calls     callFlags
}

// newChat decides, makes the call and streams the answer.
func newChat(s *settings, std stdio) *cobra.Command {
	var flags chatFlags
	cmd := &cobra.Command{
		Use:   "chat [flags] [PROMPT]",
		Short: "Send a prompt to the model of its route and stream the answer",
		Long: "Decides the prompt, calls the chosen model and streams its answer. Without a\n" +
			"prompt it reads lines from standard input and keeps the conversation. The last\n" +
			"line, on standard error, says route, model, tokens and cost.",
		Example: "  semroute chat --catalog examples/support \"where is my parcel\"\n" +
			"  semroute chat --server 127.0.0.1:50051 --max-tokens 200\n" +
			"  semroute chat --catalog examples/support --json \"where is my parcel\" | jq -r '.piece.text // empty'",
		Args: chatArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.chat(cmd.Context(), std, flags, args)
		},
	}
	s.decisionFlags(cmd)
	callingFlags(cmd, &flags.calls)
	f := cmd.Flags()
	addServer(f, &flags.server, "server", "", "ask the server at this address instead of calling from this process")
	f.StringVar(&flags.system, "system", "", "text before the conversation")
	f.IntVar(&flags.maxTokens, "max-tokens", 0, "bound of an answer (default: the model's own)")
	f.DurationVar(&flags.timeout, "timeout", 10*time.Minute, "bound of one answer")
	f.StringVar(&flags.user, "user", "", "on whose behalf: for rules, budgets and weighted choices")
	f.StringVar(&flags.team, "team", "", "the user's team: for rules and budgets")
	f.StringVar(&flags.tier, "tier", "", "the user's tier: for rules and the models that it allows")
	f.BoolVar(&flags.asJSON, "json", false, "print the decision, the pieces and the record as JSON lines")
	return cmd
}

// chatArgs looks at the command line alone, before environment and settings
// file: a catalog that is set there does not keep anybody from asking a server.
func chatArgs(cmd *cobra.Command, args []string) error {
	if cmd.Flags().Changed("server") {
		for _, own := range []string{"catalog", "ledger", "store", "store-prompts", "outcomes"} {
			if cmd.Flags().Changed(own) {
				return fmt.Errorf("--%s is the server's affair: leave it out with --server", own)
			}
		}
	}
	return cobra.MaximumNArgs(1)(cmd, args)
}

func (s *settings) chat(ctx context.Context, std stdio, flags chatFlags, args []string) error {
	if flags.timeout <= 0 || flags.maxTokens < 0 || flags.maxTokens > math.MaxInt32 {
		return wrongUse("--timeout must be more than 0, --max-tokens 0 or more")
	}
	conn, done, err := s.chatWith(ctx, std, flags)
	if err != nil {
		return err
	}
	c := conversation{client: semroutev1.NewRouterServiceClient(conn), flags: flags, std: std}
	if len(args) == 1 {
		_, err = c.ask(ctx, args[0])
	} else {
		err = c.run(ctx)
	}
	return errors.Join(err, done())
}

// chatWith connects to the server that is named, or to one in this process.
func (s *settings) chatWith(ctx context.Context, std stdio, flags chatFlags) (*grpc.ClientConn, func() error, error) {
	if flags.server.address == "" {
		return s.ownServer(ctx, std, flags.calls)
	}
	conn, err := flags.server.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	return conn, conn.Close, nil
}

// conversation is a chat with what was said so far.
type conversation struct {
	client semroutev1.RouterServiceClient
	flags  chatFlags
	std    stdio
	said   []*semroutev1.Message
}

// run asks line by line. A question that failed is forgotten, the
// conversation goes on, and the exit code tells.
func (c *conversation) run(ctx context.Context) error {
	var failed error
	err := promptedLines(ctx, c.std, func(line string) {
		answer, err := c.ask(ctx, line)
		switch {
		case err != nil && ctx.Err() == nil:
			_, _ = fmt.Fprintln(readable(c.std.err), "semroute:", err)
			failed = errSilent
		case err != nil:
			failed = err
		case answer != "":
			c.said = append(c.said, turn(semroutev1.Message_USER, line), turn(semroutev1.Message_ASSISTANT, answer))
		}
	})
	return errors.Join(failed, err)
}

func turn(role semroutev1.Message_Role, text string) *semroutev1.Message {
	return &semroutev1.Message{Role: role, Parts: []*semroutev1.Part{{Content: &semroutev1.Part_Text{Text: text}}}}
}

// prompt is the next question behind what was said.
func (c *conversation) prompt(text string) *semroutev1.Prompt {
	p := &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}}
	if len(c.said) > 0 {
		next := turn(semroutev1.Message_USER, text)
		p.Input = &semroutev1.Prompt_Chat{Chat: &semroutev1.Chat{Messages: slices.Concat(c.said, []*semroutev1.Message{next})}}
	}
	if c.flags.user != "" || c.flags.team != "" || c.flags.tier != "" {
		p.User = &semroutev1.User{Id: c.flags.user, Team: c.flags.team, Tier: c.flags.tier}
	}
	return p
}

// ask puts one question, shows the answer as it comes, and returns its text.
func (c *conversation) ask(ctx context.Context, text string) (string, error) {
	bounded, cancel := context.WithTimeout(ctx, c.flags.timeout)
	defer cancel()
	stream, err := c.client.StreamRoute(bounded, &semroutev1.StreamRouteRequest{
		Prompt: c.prompt(text),
		Call:   &semroutev1.CallOptions{System: c.flags.system, MaxTokens: uint32(c.flags.maxTokens)},
	})
	if err != nil {
		return "", c.failure(ctx, err)
	}
	show := c.printer()
	for {
		event, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return show.end()
		case err != nil:
			_, ended := show.end()
			return "", errors.Join(c.failure(ctx, err), ended)
		}
		if err := show.event(event); err != nil {
			return "", err
		}
	}
}

func (c *conversation) printer() printer {
	if c.flags.asJSON {
		return &linePrinter{out: readable(c.std.out)}
	}
	return &textPrinter{out: readable(c.std.out), err: readable(c.std.err)}
}

// failure is a failed call in one line.
func (c *conversation) failure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("the answer was cancelled")
	}
	s := status.Convert(err)
	switch {
	case s.Code() == codes.DeadlineExceeded:
		return fmt.Errorf("no whole answer within %s; --timeout sets another bound", c.flags.timeout)
	case c.flags.server.address != "":
		return fmt.Errorf("server %s: %s", c.flags.server.address, s.Message())
	}
	return errors.New(s.Message())
}
