package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/semroute/semroute/cmd/semroute/starter"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// newInit writes what a new installation begins with.
func newInit(std stdio) *cobra.Command {
	var choices starter.Choices
	var force, yes bool
	cmd := &cobra.Command{
		Use:   "init [FOLDER]",
		Short: "Write a catalog, test prompts, settings and a compose file to begin with",
		Long: "init writes a small catalog of your own, prompts to test it with, semroute.yaml\n" +
			"and docker-compose.yaml into FOLDER (default: this one). On a terminal it asks what\n" +
			"is not given by a flag; elsewhere, and with --yes, it takes what usually fits.",
		Example: "  semroute init router\n  semroute init router --models ollama --embedder static --yes",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if err := ask(cmd, std, &choices, yes); err != nil {
				return err
			}
			return initialise(std, dir, choices, force)
		},
	}
	for _, q := range choices.Questions() {
		wordFlag(cmd, q.Choice, q.Flag, q.Answers[0], q.Asks, q.Answers...)
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "ask nothing")
	cmd.Flags().BoolVar(&force, "force", false, "write over files that are there")
	return cmd
}

// ask asks on a terminal for what no flag has said.
func ask(cmd *cobra.Command, std stdio, c *starter.Choices, yes bool) error {
	terminal, ok := std.in.(*os.File)
	if yes || !ok || !term.IsTerminal(int(terminal.Fd())) {
		return nil
	}
	return askOn(cmd, std, bufio.NewReader(std.in), c)
}

func askOn(cmd *cobra.Command, std stdio, answers *bufio.Reader, c *starter.Choices) error {
	for _, q := range c.Questions() {
		if cmd.Flags().Changed(q.Flag) {
			continue
		}
		for {
			_, _ = fmt.Fprintf(std.err, "%s? %s [%s] ", q.Asks, strings.Join(q.Answers, ", "), q.Answers[0])
			line, err := answers.ReadString('\n')
			if errors.Is(err, io.EOF) && line == "" {
				return wrongUse("no answer to %q: give --%s, or --yes", q.Asks, q.Flag)
			}
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if line = strings.TrimSpace(line); line == "" {
				line = q.Answers[0]
			}
			if slices.Contains(q.Answers, line) {
				*q.Choice = line
				break
			}
		}
	}
	return nil
}

// initialise writes the files and says how to go on.
func initialise(std stdio, dir string, c starter.Choices, force bool) error {
	names, err := starter.Write(dir, c, force)
	if errors.Is(err, starter.ErrThere) {
		return wrongUse("%w: give another folder, or --force to write over it", err)
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		_, _ = fmt.Fprintln(std.out, name)
	}
	enter := ""
	if dir != "." {
		enter = "  cd " + dir + "\n"
	}
	_, _ = fmt.Fprint(std.err, "\nGo on there:\n", enter, "  semroute doctor                          # what is still missing\n",
		"  semroute route \"why does my loop never end\"\n  semroute eval --data prompts.jsonl\n",
		"  semroute serve                           # OpenAI clients: base_url http://127.0.0.1:8080/v1, model auto\n")
	return nil
}
