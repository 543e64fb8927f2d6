package main

import (
	"github.com/spf13/cobra"
)

// newRoot puts the commands together.
func newRoot(std stdio) *cobra.Command {
	s := &settings{}
	root := &cobra.Command{
		Use:           "semroute",
		Short:         "Routes prompts to language models by meaning",
		SilenceUsage:  true,
		SilenceErrors: true,
		Long: "semroute decides which of your routes a prompt belongs to, says how sure it is\n" +
			"and why, or answers an honest none.\n\n" +
			"Every flag may also be set as environment variable SEMROUTE_NAME or in the file\n" +
			"given by --config (flag > environment > file > default).",
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error { return s.resolve(cmd) },
		Args:              cobra.NoArgs,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return wrongUse("%w; see `%s --help`", err, cmd.CommandPath())
	})
	root.PersistentFlags().StringVar(&s.config, "config", "", "settings file (default semroute.yaml where it exists)")
	root.AddCommand(
		newServe(s, std), newRoute(s, std), newEval(s, std), newFit(s, std), newLint(s, std), newDiff(s, std), newImport(std),
		newChat(s, std), newModels(s, std), newReport(std), newDistill(std), newBench(s, std), newDemo(s, std), newHealth(std), newVersion(std),
	)
	for _, cmd := range root.Commands() {
		wrapArgs(cmd)
	}
	return root
}

// wrapArgs makes a wrong number of arguments end in exit code 2.
func wrapArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return wrongUse("%w; see `%s --help`", err, cmd.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}
