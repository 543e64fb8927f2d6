package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/semroute/semroute/embed/distill"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/spf13/cobra"
)

// distillFlags are the flags of `distill`.
type distillFlags struct {
	model, host     string
	out             string
	vocab, text     string
	dimension       int
	sentences       int
	license, remark string
	timeout         time.Duration
}

// newDistill makes a static embedder out of an Ollama embedding model.
func newDistill(std stdio) *cobra.Command {
	var flags distillFlags
	cmd := &cobra.Command{
		Use:   "distill",
		Short: "Make a static embedder out of an Ollama embedding model",
		Long: "Asks the model for the vector of every token and of many sentences, learns how\n" +
			"tokens add up to sentences, reduces the dimension, and writes an 8-bit table for\n" +
			"the static embedder. It takes some minutes to an hour, by the speed of the model.",
		Example: "  semroute distill --model all-minilm --out table.srt",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return distillTable(cmd.Context(), std, flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.model, "model", "all-minilm", "Ollama's embedding model, the teacher")
	addOllamaHost(f, &flags.host, "address of Ollama")
	f.StringVar(&flags.out, "out", "", "file to write the table to")
	f.StringVar(&flags.vocab, "vocab", "", "WordPiece vocabulary, a token a line (default: that of the compiled-in table)")
	f.StringVar(&flags.text, "text", "", "ordinary sentences to learn from, one a line (default: made by the built-in generator)")
	f.IntVar(&flags.sentences, "sentences", distill.DefaultSentences, "how many sentences the generator makes; 0 learns from tokens alone")
	f.IntVar(&flags.dimension, "dimension", distill.DefaultDimension, "dimension of the table")
	f.StringVar(&flags.license, "license", "Apache-2.0", "licence of the teacher, kept in the table")
	f.StringVar(&flags.remark, "note", "", "note kept in the table")
	f.DurationVar(&flags.timeout, "embed-timeout", 5*time.Minute, "how long the teacher may go without any progress")
	return cmd
}

func distillTable(ctx context.Context, std stdio, flags distillFlags) error {
	if flags.out == "" {
		return wrongUse("say where to write the table: --out FILE")
	}
	if flags.sentences < 0 || flags.timeout <= 0 {
		return wrongUse("--sentences must not be negative, --embed-timeout must be more than 0")
	}
	config, err := flags.config()
	if err != nil {
		return err
	}
	teacher, err := engine.OpenEmbedder(ctx, engine.EmbedderConfig{Kind: engine.Ollama, Host: flags.host, Model: flags.model, Timeout: flags.timeout})
	if err != nil {
		return err
	}
	show := progressOn(std.err, newLogger(std.err, 1))
	table, err := distill.Run(ctx, teacher, config, func(p distill.Progress) { show("asking the teacher for "+p.Stage, p.Done, p.Total) })
	if errors.Is(err, distill.ErrConfig) {
		return wrongUse("%w", err)
	}
	if err != nil {
		return err
	}
	if _, err := static.ParseTable(table); err != nil {
		return fmt.Errorf("the table does not read back: %w", err)
	}
	err = writeFile(flags.out, func(w io.Writer) error {
		_, err := w.Write(table)
		return err
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(std.out, "%s: %d bytes\n", flags.out, len(table))
	return err
}

// config gathers vocabulary and sentences.
func (f *distillFlags) config() (distill.Config, error) {
	c := distill.Config{
		Dimension: f.dimension,
		Provenance: static.Provenance{
			Teacher: f.model, Date: time.Now().UTC().Format(time.DateOnly), License: f.license, Note: f.remark,
			Command: "semroute distill --model " + f.model + " --out " + f.out,
		},
	}
	var err error
	if f.vocab != "" {
		if c.Pieces, err = linesOf(f.vocab); err != nil {
			return c, wrongUse("--vocab: %w", err)
		}
	} else {
		e, err := static.New(static.Config{})
		if err != nil {
			return c, err
		}
		c.Pieces = e.Tokenizer().Pieces()
	}
	if f.text != "" {
		if c.Text, err = linesOf(f.text); err != nil {
			return c, wrongUse("--text: %w", err)
		}
	} else if f.sentences > 0 {
		c.Text = distill.Sentences(c.Pieces, f.sentences)
	}
	return c, nil
}

// linesOf reads the lines of a file; empty ones are left out.
func linesOf(path string) ([]string, error) {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, 64<<10), maxPromptBytes)
	var all []string
	for lines.Scan() {
		if line := strings.TrimRight(lines.Text(), "\r"); line != "" {
			all = append(all, line)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return all, nil
}
