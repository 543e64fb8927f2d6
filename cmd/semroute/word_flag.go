package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/spf13/cobra"
)

// wordFlag adds a flag that takes one of a few words: it refuses all others,
// naming them, and shells complete it.
func wordFlag(cmd *cobra.Command, value *string, name, initial, usage string, words ...string) {
	*value = initial
	cmd.Flags().Var(&word{value, words}, name, usage+": "+either(words))
	complete := cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	if err := cmd.RegisterFlagCompletionFunc(name, complete); err != nil {
		panic(err) // the flag was added above, once
	}
}

// word is the value of such a flag; it implements pflag.Value.
type word struct {
	value *string
	words []string
}

func (w *word) String() string { return *w.value }

func (w *word) Type() string { return "string" }

func (w *word) Set(text string) error {
	if !slices.Contains(w.words, text) {
		hint := ""
		if near, ok := strictyaml.Nearest(text, w.words); ok {
			hint = fmt.Sprintf("; did you mean %q?", near)
		}
		return fmt.Errorf("it must be %s%s", either(w.words), hint)
	}
	*w.value = text
	return nil
}

// either is "a, b or c".
func either(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
