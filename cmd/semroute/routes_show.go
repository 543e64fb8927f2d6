package main

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/spf13/cobra"
)

func newRoutesList(std stdio) *cobra.Command {
	return routesCommand(std, "list", "List the routes", "  semroute routes list", cobra.NoArgs, func(c *catalogClient, _ []string) error {
		table := tabwriter.NewWriter(readable(c.std.out), 0, 8, 2, ' ', 0)
		req := &semroutev1.ListRoutesRequest{}
		for {
			page, err := c.service.ListRoutes(c.ctx, req, large())
			if err != nil {
				return err
			}
			for _, r := range page.GetRoutes() {
				if c.flags.asJSON {
					err = printJSON(c.std.out, r)
				} else {
					_, err = fmt.Fprintf(table, "%s\t%d utterances\tetag %s\t%s\n", r.GetName(), r.GetUtterances(), r.GetEtag(), r.GetDescription())
				}
				if err != nil {
					return err
				}
			}
			if req.PageToken = page.GetNextPageToken(); req.GetPageToken() == "" {
				return table.Flush()
			}
		}
	})
}

func newRoutesGet(std stdio) *cobra.Command {
	return routesCommand(std, "get NAME", "Print a route as YAML", "  semroute routes get refunds > refunds.yaml", cobra.ExactArgs(1), func(c *catalogClient, args []string) error {
		got, err := c.service.GetRoute(c.ctx, &semroutev1.GetRouteRequest{Name: args[0]}, large())
		if err != nil {
			return err
		}
		if c.flags.asJSON {
			return printJSON(c.std.out, got)
		}
		text, err := routeYAML(got.GetRoute())
		if err == nil {
			_, err = readable(c.std.out).Write(text)
		}
		return err
	})
}

func newRoutesHistory(std stdio) *cobra.Command {
	var limit uint32
	cmd := routesCommand(std, "history [NUMBER]", "List the revisions of the catalog, the newest first, or print one as YAML",
		"  semroute routes history\n  semroute routes history 7 > before.yaml", cobra.MaximumNArgs(1), func(c *catalogClient, args []string) error {
			if len(args) == 1 {
				return c.printRevision(args[0])
			}
			list, err := c.service.ListRevisions(c.ctx, &semroutev1.ListRevisionsRequest{Limit: limit})
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(readable(c.std.out), 0, 8, 2, ' ', 0)
			for _, r := range list.GetRevisions() {
				if c.flags.asJSON {
					err = printJSON(c.std.out, r)
				} else {
					_, err = fmt.Fprintf(table, "%d\t%s\tetag %s\t%s\t%s\n", r.GetNumber(), r.GetTime().AsTime().Format(time.RFC3339), r.GetEtag(),
						r.GetAuthor(), r.GetCause())
				}
				if err != nil {
					return err
				}
			}
			return table.Flush()
		})
	cmd.Flags().Uint32Var(&limit, "limit", 0, "how many at most, 200 or fewer (default 50)")
	return cmd
}

// revisionNumber reads the number of a revision.
func revisionNumber(text string) (int64, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 1 {
		return 0, wrongUse("%q is no number of a revision; `semroute routes history` lists them", text)
	}
	return number, nil
}

func (c *catalogClient) printRevision(text string) error {
	number, err := revisionNumber(text)
	if err != nil {
		return err
	}
	got, err := c.service.GetRevision(c.ctx, &semroutev1.GetRevisionRequest{Number: number}, large())
	if err != nil {
		return err
	}
	if c.flags.asJSON {
		return printJSON(c.std.out, got)
	}
	_, err = io.WriteString(readable(c.std.out), got.GetYaml())
	return err
}

func newRoutesExport(std stdio) *cobra.Command {
	return routesCommand(std, "export", "Print the catalog as one YAML file", "  semroute routes export > catalog.yaml", cobra.NoArgs, func(c *catalogClient, _ []string) error {
		got, err := c.service.ExportCatalog(c.ctx, &semroutev1.ExportCatalogRequest{}, large())
		if err != nil {
			return err
		}
		if c.flags.asJSON {
			return printJSON(c.std.out, got)
		}
		_, err = io.WriteString(readable(c.std.out), got.GetYaml())
		return err
	})
}

func newRoutesStatus(std stdio) *cobra.Command {
	var watch bool
	cmd := routesCommand(std, "status", "Say what the server serves, and how a build goes on", "  semroute routes status --watch", cobra.NoArgs, func(c *catalogClient, _ []string) error {
		if !watch {
			got, err := c.service.GetStatus(c.ctx, &semroutev1.GetStatusRequest{})
			if err != nil {
				return err
			}
			return c.printStatus(got.GetStatus())
		}
		return c.watchStatus()
	})
	cmd.Flags().BoolVar(&watch, "watch", false, "print it again whenever it changes, until interrupted or --timeout")
	return cmd
}

// watchStatus prints every status until the command is told to end.
func (c *catalogClient) watchStatus() error {
	stream, err := c.service.WatchStatus(c.ctx, &semroutev1.WatchStatusRequest{})
	if err != nil {
		return err
	}
	for c.ctx.Err() == nil {
		got, err := stream.Recv()
		if err == nil {
			err = c.printStatus(got.GetStatus())
		}
		if err != nil && c.ctx.Err() == nil {
			return err
		}
	}
	return nil
}

func (c *catalogClient) printStatus(s *semroutev1.CatalogStatus) error {
	if c.flags.asJSON {
		return printJSON(c.std.out, s)
	}
	text := fmt.Sprintf("%s revision %d of %s: %d routes, %d utterances, generation %s", s.GetState(), s.GetRevision().GetNumber(), s.GetSource(),
		s.GetRoutes(), s.GetUtterances(), s.GetFingerprint())
	if n := s.GetLeftOut(); n > 0 {
		text += fmt.Sprintf("; %d utterances cannot be embedded", n)
	}
	if n := s.GetUntrained(); n > 0 {
		text += fmt.Sprintf("; training on the last %d changes", n)
	}
	if w := s.GetBuilding(); w.GetWhat() != "" {
		text += "; " + w.GetWhat()
		if w.GetTotal() > 0 {
			text += fmt.Sprintf(" %d of %d", w.GetDone(), w.GetTotal())
		}
	}
	if s.GetError() != "" {
		text += "; the last attempt failed: " + s.GetError()
	}
	_, err := fmt.Fprintln(readable(c.std.out), text)
	return err
}
