package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed/transformer/bgesmall"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/examples"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/router/language"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// demoPrompts show the easy, the hard, the one that fits nowhere, and one in a
// language that the default does not know.
var demoPrompts = []string{
	"where is my parcel? it should have been here on Monday",
	"i was billed twice this month",
	"I can't log in since I changed my phone",
	"does this jacket come in a larger size",
	"the screen arrived with a crack in it",
	"please close my account",
	"who won the football match last night?",
	"wo bleibt mein Paket?",
}

// demoTimeout bounds the demo, until it serves the console.
const demoTimeout = time.Minute

// newDemo is the newcomer's first command.
func newDemo(s *settings, std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Start a server with the example catalog, ask it, and show the decisions",
		Long:  "Start a server with the example catalog, ask it, and show the decisions. On a\nterminal it then serves the console, until it is interrupted.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), demoTimeout)
			defer cancel()
			if err := s.demo(ctx, std); err != nil || !interactive(std.in) || !isTerminal(std.out) {
				return err
			}
			return demoServe(cmd.Context(), cmd, std)
		},
	}
	s.embedderFlags(cmd)
	return cmd
}

func (s *settings) demo(ctx context.Context, std stdio) error {
	catalog, err := routes.LoadFS(examples.FS, "support")
	if err != nil {
		return err
	}
	s.index, s.turns, s.cacheDir = engine.Memory, string(router.TurnsAuto), "off"
	log := newLogger(std.err, zerolog.ErrorLevel)
	config, err := s.engineConfig(log, progressOn(std.err, log))
	if err != nil {
		return err
	}
	local := engine.New(catalog, config)
	if err := local.Build(ctx); err != nil {
		return err
	}
	srv, err := server.New(local, nil, log, server.Config{})
	if err != nil {
		return err
	}
	srv.Ready()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(serving, listener) }()
	_, _ = fmt.Fprintf(std.out, "A server with the support catalog (%d routes, %d utterances) listens on %s.\nDecided by %s.\n\n",
		len(catalog.Routes), local.Status().Utterances, listener.Addr(), s.decider(local.Status().Languages))
	err = demoAsk(ctx, std.out, listener.Addr().String())
	stop()
	if err := errors.Join(err, <-done, local.Close()); err != nil {
		return err
	}
	_, err = io.WriteString(std.out, demoNext)
	return err
}

// decider says what embeds the demo's prompts, and what languages beside English
// that was found to know.
func (s *settings) decider(languages string) string {
	known := "for English"
	if languages != "" {
		known = "for English, " + strings.ReplaceAll(strings.Replace(languages, language.Undetermined, "others", 1), " ", ", ")
	}
	switch {
	case s.embedder == engine.Static:
		return "static vectors in the binary, " + known
	case s.embedder == engine.Ollama:
		return "Ollama's " + s.ollamaModel + ", " + known
	case s.modelPath != "":
		return s.modelPath + " in process, " + known
	}
	return bgesmall.Name + " in the binary, " + known + "; a multilingual model in its place is a setting: docs/operations.md"
}

// demoAsk sends the prompts through the generated client and prints a table.
func demoAsk(ctx context.Context, out io.Writer, address string) error {
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	client := semroutev1.NewRouterServiceClient(conn)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "PROMPT\tROUTE\tCONFIDENCE\tMARGIN\tMS\tNEAREST UTTERANCE")
	for _, prompt := range demoPrompts {
		resp, err := client.Route(ctx, &semroutev1.RouteRequest{
			Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: prompt}},
		})
		if err != nil {
			return err
		}
		d := resp.GetDecision()
		route, nearest := d.GetRoute(), ""
		if d.GetAbstained() {
			route = "(none: " + server.ReasonWord(d.GetReason()) + ")"
		}
		if len(d.GetMatches()) > 0 {
			nearest = d.GetMatches()[0].GetUtterance()
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%.2f\t%.2f\t%.2f\t%s\n",
			prompt, route, d.GetConfidence(), d.GetMargin(), float64(d.GetTimingsUs().GetTotal())/1000, nearest)
	}
	return table.Flush()
}

const demoNext = `
What to run next:
  go run ./cmd/semroute serve --catalog examples/support        serve it
  go run ./cmd/semroute route --server 127.0.0.1:50051 --explain "my invoice is wrong"
  go run ./cmd/semroute route --catalog examples/assistant --json "fix this null pointer"
  go run ./cmd/semroute eval --catalog examples/support --data testdata/prompts/support.jsonl
  edit examples/support/*.yaml, add your own routes, and run it again
`
