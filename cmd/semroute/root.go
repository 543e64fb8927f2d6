package main

import (
	"errors"
	"fmt"

	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
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
		Args:              noSuchCommand,
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Version:           buildVersion().String(),
	}
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return wrongUse("%w%s (see `%s --help`)", err, nearestFlag(cmd, err), cmd.CommandPath())
	})
	root.PersistentFlags().StringVar(&s.config, "config", "", "settings file (default semroute.yaml where it exists)")
	root.AddCommand(
		newServe(s, std), newRoute(s, std), newEval(s, std), newFit(s, std), newLint(s, std), newDiff(s, std), newDrift(s, std), newAlarms(std), newShadow(std), newTrial(std), newImport(std),
		newChat(s, std), newModels(s, std), newRoutes(std), newFeedback(std), newSuggest(std), newExplain(std), newReport(std), newDistill(std), newBench(s, std), newDemo(s, std), newInit(std), newDoctor(s, std), newHealth(std), newKeys(std), newVersion(std),
	)
	wrapArgs(root)
	return root
}

// noSuchCommand are the arguments of a command that only holds others.
func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var known []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			known = append(known, sub.Name())
		}
	}
	return fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), strictyaml.Suggestion(args[0], known))
}

// nearestFlag is the end of an error about a flag that the command does not have.
func nearestFlag(cmd *cobra.Command, err error) string {
	missing, ok := errors.AsType[*pflag.NotExistError](err)
	if !ok || missing.GetSpecifiedShortnames() != "" {
		return ""
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
	if near, ok := strictyaml.Nearest(missing.GetSpecifiedName(), known); ok {
		return "; did you mean --" + near + "?"
	}
	return ""
}

// wrapArgs makes a wrong number of arguments end in exit code 2.
func wrapArgs(cmd *cobra.Command) {
	check := cmd.Args
	if check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return wrongUse("%w (see `%s --help`)", err, cmd.CommandPath())
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}
