package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// referenceOfCommands is every command with its flags, from the tree that runs them.
func referenceOfCommands(t *testing.T) string {
	root := newRoot(stdio{in: strings.NewReader(""), out: &writer{}, err: &writer{}})
	b := generatedPage("Commands", "Every command and flag, as `semroute COMMAND --help` has them. Exit codes: 0 done, 1 failed, 2 wrong use; results are on standard\n"+
		"output, all else on standard error. Each flag is also a [setting](settings.md). Flags that many commands share are\n"+
		"[at the end](#flags-of-commands-that-decide).")
	decides := &cobra.Command{}
	(&settings{}).decisionFlags(decides)
	shared := map[string]string{}
	decides.Flags().VisitAll(func(f *pflag.Flag) { shared[f.Name] = f.Usage })
	commands := 0
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Runnable() && cmd != root && cmd.IsAvailableCommand() {
			commands++
			writeCommand(b, cmd, shared)
		}
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
	if commands < 40 {
		t.Errorf("only %d commands were found", commands)
	}
	b.WriteString("\n## Flags of commands that decide\n\nA command that decides in process has all of these, or those of them that choose the embedder.\n")
	writeFlags(b, decides.Flags(), func(*pflag.Flag) bool { return true })
	return b.String()
}

func writeCommand(b *strings.Builder, cmd *cobra.Command, shared map[string]string) {
	fmt.Fprintf(b, "\n## %s\n\n", cmd.CommandPath())
	about := cmd.Long
	if about == "" {
		about = cmd.Short + "."
	}
	b.WriteString(proseOrCode(about) + "\n")
	fmt.Fprintf(b, "\n```text\n%s\n```\n", cmd.UseLine())
	if cmd.Example != "" {
		fmt.Fprintf(b, "\n```text\n%s\n```\n", strings.TrimRight(cmd.Example, "\n"))
	}
	var common []string
	own := func(f *pflag.Flag) bool { return f.Name != "help" && f.Name != "config" && shared[f.Name] != f.Usage }
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if shared[f.Name] == f.Usage {
			common = append(common, f.Name)
		}
	})
	writeFlags(b, cmd.LocalFlags(), own)
	switch {
	case len(common) == len(shared):
		b.WriteString("\nAnd all [flags of commands that decide](#flags-of-commands-that-decide).\n")
	case len(common) > 0:
		fmt.Fprintf(b, "\nAnd `--%s` of the [flags of commands that decide](#flags-of-commands-that-decide).\n", strings.Join(common, "`, `--"))
	}
}

// writeFlags writes a table of the flags that are chosen, none where there are none.
func writeFlags(b *strings.Builder, flags *pflag.FlagSet, chosen func(*pflag.Flag) bool) {
	rows := map[string][]string{}
	flags.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden && chosen(f) {
			rows[f.Name] = []string{code("--" + f.Name), flagType(f), code(defaultOf(f)), asMarkdown(f.Usage)}
		}
	})
	if len(rows) == 0 {
		return
	}
	table(b, "flag", "type", "default", "")
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		row(b, rows[name]...)
	}
}

// flagType is the type of a flag in the words of the pages.
func flagType(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "stringSlice", "stringArray":
		return "list"
	case "bool":
		return "`true`, `false`"
	case "int", "int64", "uint", "uint32", "uint64":
		return "whole number"
	case "float64":
		return "number"
	case "duration":
		return "duration, as `30s`"
	}
	return "text"
}

// defaultOf is what a flag is where nobody says, "" for nothing.
func defaultOf(f *pflag.Flag) string {
	switch f.DefValue {
	case "[]", "0s", "":
		return ""
	}
	return f.DefValue
}

var (
	wordFlagName = regexp.MustCompile(`(^|[\s(,;])(--[a-z][a-z-]+[a-z])`)
	placeholder  = regexp.MustCompile(`<[^>]*>`)
)

// asMarkdown is a flag's usage as Markdown: names of flags as code, nothing that a page
// would take for HTML.
func asMarkdown(text string) string {
	if strings.Contains(text, "`") {
		return text
	}
	return placeholder.ReplaceAllString(wordFlagName.ReplaceAllString(text, "$1`$2`"), "`$0`")
}

// proseOrCode keeps paragraphs, and shows what is indented as it is.
func proseOrCode(text string) string {
	var b strings.Builder
	open := false
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		indented := strings.HasPrefix(line, "  ")
		if indented != open && line != "" {
			if indented {
				b.WriteString("\n```text\n")
			} else {
				b.WriteString("```\n\n")
			}
			open = indented
		}
		if !open {
			line = asMarkdown(line)
		}
		b.WriteString(line + "\n")
	}
	if open {
		b.WriteString("```\n")
	}
	return regexp.MustCompile(`\n{3,}`).ReplaceAllString(strings.TrimSpace(b.String()), "\n\n")
}
