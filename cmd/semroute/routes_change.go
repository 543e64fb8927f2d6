package main

import (
	"fmt"
	"io"

	"github.com/semroute/semroute/internal/plainfile"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// apply makes changes and prints what came of them.
func (c *catalogClient) apply(changes []*semroutev1.CatalogChange, by *remarkFlags) error {
	got, err := c.service.ApplyChanges(c.ctx, &semroutev1.ApplyChangesRequest{Changes: changes, Expect: by.expectation(), Remark: by.remark()})
	if err != nil {
		return err
	}
	return c.printApplied(got.GetApplied())
}

func (c *catalogClient) printApplied(a *semroutev1.Applied) error {
	if c.flags.asJSON {
		return printJSON(c.std.out, a)
	}
	for _, warning := range a.GetWarnings() {
		_, _ = fmt.Fprintln(readable(c.std.err), "semroute: warning:", warning)
	}
	what := "serving"
	if a.GetUnchanged() {
		what = "nothing to change: serving"
	}
	_, err := fmt.Fprintf(readable(c.std.out), "%s revision %d, etag %s, generation %s\n", what, a.GetRevision().GetNumber(), a.GetRevision().GetEtag(), a.GetFingerprint())
	return err
}

func newRoutesPut(std stdio) *cobra.Command {
	var by remarkFlags
	var whole bool
	cmd := routesCommand(std, "put FILE", "Put the routes of a YAML file, new ones or in place of those there are; - is standard input",
		"  semroute routes put refunds.yaml --cause \"the words of June\"\n  semroute routes export > live.yaml && edit live.yaml && semroute routes put --whole live.yaml",
		cobra.ExactArgs(1), func(c *catalogClient, args []string) error {
			changes, err := c.fileChanges(args[0], whole)
			if err != nil {
				return err
			}
			return c.apply(changes, &by)
		})
	wholeFlag(cmd, &whole)
	changeFlags(cmd, &by)
	return cmd
}

func wholeFlag(cmd *cobra.Command, whole *bool) {
	cmd.Flags().BoolVar(whole, "whole", false, "the file is the whole catalog: what it does not hold goes")
}

// fileChanges are the changes that a file stands for.
func (c *catalogClient) fileChanges(path string, whole bool) ([]*semroutev1.CatalogChange, error) {
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(io.LimitReader(c.std.in, routes.MaxCatalogBytes+1))
	} else {
		data, err = plainfile.Read(path, routes.MaxCatalogBytes)
	}
	if err != nil {
		return nil, wrongUse("%w", err)
	}
	if whole {
		return []*semroutev1.CatalogChange{{Change: &semroutev1.CatalogChange_ReplaceCatalog_{
			ReplaceCatalog: &semroutev1.CatalogChange_ReplaceCatalog{Yaml: string(data)},
		}}}, nil
	}
	return putRoutes(path, data)
}

func newRoutesDelete(std stdio) *cobra.Command {
	var by remarkFlags
	cmd := routesCommand(std, "delete NAME...", "Delete routes", "  semroute routes delete refunds", cobra.MinimumNArgs(1), func(c *catalogClient, args []string) error {
		changes := make([]*semroutev1.CatalogChange, len(args))
		for i, name := range args {
			changes[i] = &semroutev1.CatalogChange{Change: &semroutev1.CatalogChange_DeleteRoute_{DeleteRoute: &semroutev1.CatalogChange_DeleteRoute{Name: name}}}
		}
		return c.apply(changes, &by)
	})
	changeFlags(cmd, &by)
	return cmd
}

func newRoutesAdd(std stdio) *cobra.Command {
	return utterancesCommand(std, "add ROUTE UTTERANCE...", "Add utterances to a route", func(u *semroutev1.CatalogChange_ChangeUtterances) *semroutev1.CatalogChange {
		return &semroutev1.CatalogChange{Change: &semroutev1.CatalogChange_AddUtterances{AddUtterances: u}}
	})
}

func newRoutesRemove(std stdio) *cobra.Command {
	return utterancesCommand(std, "remove ROUTE UTTERANCE...", "Remove utterances from a route", func(u *semroutev1.CatalogChange_ChangeUtterances) *semroutev1.CatalogChange {
		return &semroutev1.CatalogChange{Change: &semroutev1.CatalogChange_RemoveUtterances{RemoveUtterances: u}}
	})
}

// utterancesCommand changes the utterances of one route.
func utterancesCommand(std stdio, use, short string, change func(*semroutev1.CatalogChange_ChangeUtterances) *semroutev1.CatalogChange) *cobra.Command {
	var by remarkFlags
	cmd := routesCommand(std, use, short+`; "" is no route: what stands under none`, "", cobra.MinimumNArgs(2), func(c *catalogClient, args []string) error {
		return c.apply([]*semroutev1.CatalogChange{change(&semroutev1.CatalogChange_ChangeUtterances{Route: args[0], Utterances: args[1:]})}, &by)
	})
	changeFlags(cmd, &by)
	return cmd
}

func newRoutesRollback(std stdio) *cobra.Command {
	var by remarkFlags
	cmd := routesCommand(std, "rollback [NUMBER]", "Return to the revision before, or to that of a number", "  semroute routes rollback\n  semroute routes rollback 7", cobra.MaximumNArgs(1), func(c *catalogClient, args []string) error {
		req := &semroutev1.RollbackRequest{Expect: by.expectation(), Remark: by.remark()}
		if len(args) == 1 {
			var err error
			if req.Number, err = revisionNumber(args[0]); err != nil {
				return err
			}
		}
		got, err := c.service.Rollback(c.ctx, req)
		if err != nil {
			return err
		}
		return c.printApplied(got.GetApplied())
	})
	changeFlags(cmd, &by)
	return cmd
}

func newRoutesReload(std stdio) *cobra.Command {
	return routesCommand(std, "reload", "Have the server read its catalog again, as SIGHUP does", "", cobra.NoArgs, func(c *catalogClient, _ []string) error {
		got, err := c.service.Reload(c.ctx, &semroutev1.ReloadRequest{})
		if err != nil {
			return err
		}
		return c.printApplied(got.GetApplied())
	})
}
