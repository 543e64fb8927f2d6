package main

import (
	"context"
	"errors"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
)

// feedbackClient is one call of a command about feedback.
type feedbackClient struct {
	ctx     context.Context
	service semroutev1.FeedbackServiceClient
	server  serverAddress
	timeout time.Duration
	asJSON  bool
	std     stdio
}

// feedbackCommand is a command that asks FeedbackService.
func feedbackCommand(std stdio, use, short, example string, args cobra.PositionalArgs, do func(c *feedbackClient, args []string) error) *cobra.Command {
	c := &feedbackClient{std: std}
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: args,
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if c.timeout <= 0 {
				return wrongUse("--timeout must be more than 0")
			}
			conn, err := c.server.connect(cmd.Context())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, conn.Close()) }()
			var cancel context.CancelFunc
			c.ctx, cancel = context.WithTimeout(cmd.Context(), c.timeout)
			defer cancel()
			c.service = semroutev1.NewFeedbackServiceClient(conn)
			return catalogFailure(do(c, args))
		},
	}
	f := cmd.Flags()
	addServer(f, &c.server, "server", "127.0.0.1:50051", "address of the server")
	f.DurationVar(&c.timeout, "timeout", 10*time.Minute, "how long the server may take")
	f.BoolVar(&c.asJSON, "json", false, "print JSON")
	return cmd
}

// saidFlags are what feedback says.
type saidFlags struct {
	right, wrong, noRoute, sampled      bool
	route, thumbs, comment, source, key string
	score                               float64
	scored                              bool
}

// newFeedback tells a server how a decision turned out, and holds the commands about that.
func newFeedback(std stdio) *cobra.Command {
	var said saidFlags
	cmd := feedbackCommand(std, "feedback DECISION_ID", "Say how a decision turned out",
		"  semroute feedback 0198f6c2-7d5e-7c1a-9a4e-2f6f0b1c9d11 --route refunds\n"+
			"  semroute feedback 0198f6c2-7d5e-7c1a-9a4e-2f6f0b1c9d11 --thumbs down --comment \"not what i asked\"",
		cobra.ExactArgs(1), func(c *feedbackClient, args []string) error {
			req, err := said.request(args[0])
			if err != nil {
				return err
			}
			got, err := c.service.GiveFeedback(c.ctx, req)
			if err != nil {
				return err
			}
			if c.asJSON {
				return printJSON(c.std.out, got)
			}
			return c.printGiven(got)
		})
	cmd.PreRunE = func(cmd *cobra.Command, args []string) error { // before a server is looked for
		said.scored = cmd.Flags().Changed("score")
		_, err := said.request(args[0])
		return err
	}
	cmd.Long = "Says whether a decision of a running server chose the right route, which one is\n" +
		"right, or how good the answer was. The server keeps it with the record of the\n" +
		"decision (serve --ledger or --store), once, however often it is sent. What it\n" +
		"teaches: `semroute feedback promises` and `semroute suggest list`."
	f := cmd.Flags()
	f.BoolVar(&said.right, "right", false, "the right route was chosen")
	f.BoolVar(&said.wrong, "wrong", false, "a wrong route was chosen")
	f.StringVar(&said.route, "route", "", "the right route")
	f.BoolVar(&said.noRoute, "no-route", false, "no route fits")
	wordFlag(cmd, &said.thumbs, "thumbs", "", "what somebody thinks of the answer", "up", "down")
	f.Float64Var(&said.score, "score", 0, "how good the answer was, from 0 to 1")
	f.StringVar(&said.comment, "comment", "", "what else there is to say")
	wordFlag(cmd, &said.source, "source", "user", "who says it", "user", "judge")
	f.BoolVar(&said.sampled, "sampled", false, "the decision was drawn to be judged, whatever became of it; where some are, promises are held against those alone")
	f.StringVar(&said.key, "key", "", "idempotency key (default: the same words on the same decision are kept once)")
	cmd.MarkFlagsMutuallyExclusive("right", "wrong")
	cmd.MarkFlagsMutuallyExclusive("route", "no-route")
	cmd.AddCommand(newFeedbackList(std), newFeedbackPromises(std), newFeedbackExport(std))
	return cmd
}

func (s *saidFlags) request(decision string) (*semroutev1.GiveFeedbackRequest, error) {
	f := &semroutev1.Feedback{DecisionId: decision, Comment: s.comment, Sampled: s.sampled, Source: semroutev1.Feedback_USER}
	switch {
	case s.right:
		f.Verdict = semroutev1.Feedback_RIGHT
	case s.wrong:
		f.Verdict = semroutev1.Feedback_WRONG
	}
	if s.route != "" || s.noRoute {
		f.RightRoute = &s.route
	}
	switch s.thumbs {
	case "up":
		f.Thumbs = semroutev1.Feedback_UP
	case "down":
		f.Thumbs = semroutev1.Feedback_DOWN
	}
	if s.source == "judge" {
		f.Source = semroutev1.Feedback_JUDGE
	}
	if s.scored {
		f.Score = &s.score
	}
	if f.GetVerdict() == 0 && f.RightRoute == nil && f.GetThumbs() == 0 && f.Score == nil {
		return nil, wrongUse("say --right, --wrong, --route NAME, --no-route, --thumbs or --score")
	}
	return &semroutev1.GiveFeedbackRequest{Feedback: f, IdempotencyKey: s.key}, nil
}
