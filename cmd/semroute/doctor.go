package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/semroute/semroute/cmd/semroute/doctor"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
)

// newDoctor looks at what a server with the same settings would need.
func newDoctor(s *settings, std stdio) *cobra.Command {
	var flags serveFlags
	var models, asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at what `serve` needs, and say what to do; exit code 1 when something is missing",
		Long: "doctor takes the flags and settings of `serve` and looks at the catalog, the\n" +
			"embedder, the index, the store, ports, certificates and keys that a server with\n" +
			"them would need. It changes nothing, and calls no model unless --models is given.",
		Example: "  semroute doctor --catalog examples/support\n  semroute doctor --catalog my.yaml --store postgres://me@db/semroute --models",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks, err := s.checkup(flags, models)
			if err != nil {
				return err
			}
			return examine(cmd.Context(), std, checks, asJSON)
		},
	}
	flags.add(s, cmd)
	cmd.Flags().BoolVar(&models, "models", false, "call every model of the catalog once, which costs a few tokens")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object a check")
	return cmd
}

// checkup are the checks for a server with these settings, in the order in which it
// would meet what they look at.
func (s *settings) checkup(flags serveFlags, models bool) ([]doctor.Check, error) {
	if err := flags.access.check(flags.calls.store); err != nil {
		return nil, err
	}
	address, err := flags.calls.store.address()
	if err != nil {
		return nil, err
	}
	var catalog *routes.Catalog
	err = wrongUse("no catalog is named: give --catalog PATH, or let `semroute init` write one")
	if len(s.catalog) > 0 {
		catalog, err = s.catalogFiles()
	}
	checks := []doctor.Check{doctor.Catalog(catalog, err)}
	if !s.isChosen {
		s.embedder = engine.DefaultEmbedder(catalog)
	}
	embedder, err := s.embedderConfig()
	if err != nil {
		return nil, err
	}
	index := engine.IndexConfig{Kind: engine.Memory}
	if catalog != nil {
		if index, err = s.indexConfig(); err != nil {
			return nil, err
		}
	}
	providers := engine.ProviderConfig{OllamaHost: s.ollamaHost, PlainKeys: flags.calls.plainKeys}
	checks = append(checks, doctor.Embedder(embedder), doctor.Index(index), doctor.CacheFolder(s.cacheFolder()), doctor.Store(address))
	if !flags.decideOnly {
		checks = append(checks, doctor.Keys(catalog, providers))
	}
	if models && catalog != nil && len(catalog.Models) > 0 {
		checks = append(checks, s.calledOnce(catalog))
	}
	listened := []string{flags.listen, flags.httpListen, flags.telemetry.adminListen}
	for i, flag := range []string{"listen", "http-listen", "admin-listen"} {
		checks = append(checks, doctor.Port(flag, listened[i]))
	}
	return append(checks,
		doctor.Access(listened, flags.access.tls.Cert != "", flags.access.asks(), flags.access.insecure),
		doctor.Certificate(flags.access.tls, time.Now)), nil
}

// calledOnce is `models check` as a check.
func (s *settings) calledOnce(catalog *routes.Catalog) doctor.Check {
	return doctor.Check{Name: "models", Run: func(ctx context.Context) doctor.Finding {
		results, err := s.callEach(ctx, engine.Reachable(catalog), time.Minute)
		if err != nil {
			return doctor.Finding{Status: doctor.Failed, Found: err.Error()}
		}
		var bad []string
		for _, r := range results {
			if !r.OK {
				bad = append(bad, r.Model+": "+r.Error)
			}
		}
		if len(bad) > 0 {
			return doctor.Finding{Status: doctor.Failed, Found: strings.Join(bad, "; "), Advice: "see `semroute models check`; a model of Ollama is pulled by `ollama pull NAME`"}
		}
		return doctor.Finding{Status: doctor.OK, Found: fmt.Sprintf("%d models answer", len(results))}
	}}
}

// examine prints what the checks find as they find it.
func examine(ctx context.Context, std stdio, checks []doctor.Check, asJSON bool) error {
	bad := false
	table := tabwriter.NewWriter(readable(std.out), 0, 0, 2, ' ', 0)
	lines := json.NewEncoder(std.out)
	var failure error
	doctor.Examine(ctx, checks, func(f doctor.Finding) {
		bad = bad || f.Status == doctor.Failed
		if asJSON {
			if err := lines.Encode(f); err != nil {
				failure = err
			}
			return
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\n", f.Status, f.Check, f.Found)
		if f.Advice != "" {
			_, _ = fmt.Fprintf(table, "\t\t→ %s\n", f.Advice)
		}
	})
	if err := table.Flush(); failure == nil {
		failure = err
	}
	if failure != nil {
		return failure
	}
	if bad {
		return errSilent
	}
	return nil
}
