package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/eval/diff"
	"github.com/spf13/cobra"
)

// diffFlags are the flags of `diff`.
type diffFlags struct {
	against         []string
	againstEmbedder string
	data            []string
	unlabelled      bool
	asJSON          bool
}

// newDiff shows what a change of the catalog or the embedder would change.
func newDiff(s *settings, std stdio) *cobra.Command {
	var flags diffFlags
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Show the decisions that change between two catalogs or two embedders",
		Long: "Decides the prompts of --data with --catalog and again with --against, and lists\n" +
			"what changes. The exit code is 1 when anything does, so that CI can ask.",
		Example: "  semroute diff --catalog live/ --against new/ --data prompts.jsonl\n" +
			"  semroute diff --catalog live/ --against-embedder ollama --data prompts.jsonl",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return s.diff(cmd.Context(), std, flags) },
	}
	s.decisionFlags(cmd)
	f := cmd.Flags()
	f.StringSliceVar(&flags.against, "against", nil, "the catalog to compare with (default: the same)")
	wordFlag(cmd, &flags.againstEmbedder, "against-embedder", "", "the embedder to compare with (default: the same)", engine.Static, engine.Transformer, engine.Ollama)
	dataFlag(cmd, &flags.data, "prompts")
	f.BoolVar(&flags.unlabelled, "unlabelled", false, "take no notice of the prompts' labels")
	f.BoolVar(&flags.asJSON, "json", false, "print one JSON object")
	return cmd
}

func (s *settings) diff(ctx context.Context, std stdio, flags diffFlags) error {
	if len(flags.against) == 0 && flags.againstEmbedder == "" {
		return wrongUse("say what to compare with: --against CATALOG or --against-embedder NAME")
	}
	if len(flags.data) == 0 {
		return wrongUse("no prompts are named: give --data FILE")
	}
	prompts, err := readData(flags.data)
	if err != nil {
		return err
	}
	other := *s
	if len(flags.against) > 0 {
		other.catalog = flags.against
	}
	if flags.againstEmbedder != "" {
		other.embedder, other.isChosen = flags.againstEmbedder, true
	}
	before, err := s.localEngine(ctx, std)
	if err != nil {
		return err
	}
	defer func() { _ = before.Close() }()
	after, err := other.afterEngine(ctx, std)
	if err != nil {
		return err
	}
	defer func() { _ = after.Close() }()
	show := progressOn(std.err, newLogger(std.err, 1))
	changes, err := diff.Run(ctx, before, after, prompts, diff.Config{
		Labelled: !flags.unlabelled,
		Progress: func(done, total int) { show("deciding prompts", done, total) },
	})
	if err != nil {
		return err
	}
	return printChanges(std.out, changes, flags.asJSON)
}

// afterEngine builds the second one. It keeps its vectors in memory: one
// collection of a server index cannot hold two catalogs at once.
func (s *settings) afterEngine(ctx context.Context, std stdio) (*engine.Engine, error) {
	s.index = engine.Memory
	return s.localEngine(ctx, std)
}

func printChanges(out io.Writer, changes *diff.Changes, asJSON bool) error {
	if asJSON {
		if err := json.NewEncoder(out).Encode(changes); err != nil {
			return err
		}
	} else {
		for i := range changes.Decisions {
			c := &changes.Decisions[i]
			_, _ = fmt.Fprintf(out, "%s: %s (%.2f) -> %s (%.2f)%s\n", c.Text,
				orNone(c.Before.Route), c.Before.Confidence, orNone(c.After.Route), c.After.Confidence, effect(c))
		}
		if _, err := fmt.Fprintln(out, summary(changes)); err != nil {
			return err
		}
	}
	if changes.Changed > 0 {
		return errSilent
	}
	return nil
}

func effect(c *diff.Change) string {
	if c.Effect == "" {
		return ""
	}
	return " [" + c.Effect + "]"
}

func summary(c *diff.Changes) string {
	text := fmt.Sprintf("%d of %d decisions change: %d routes, %d abstentions, %d models", c.Changed, c.N, c.Routes, c.Abstentions, c.Models)
	if l := c.Labels; l != nil {
		text += fmt.Sprintf("; %d fixed, %d broken, %d wrong in another way; right %d before, %d after",
			l.Fixed, l.Broken, l.ChangedWrong, l.RightBefore, l.RightAfter)
	}
	return text
}
