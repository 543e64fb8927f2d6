package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/semroute/semroute/examples"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// demoServe serves the support catalog until ctx ends, with the console, in a folder
// that is gone afterwards: from a store, so that everything can be changed.
func demoServe(ctx context.Context, demo *cobra.Command, std stdio) (err error) {
	dir, err := os.MkdirTemp("", "semroute-demo")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	support, err := fs.Sub(examples.FS, "support")
	if err != nil {
		return err
	}
	catalog := filepath.Join(dir, "support")
	if err := os.CopyFS(catalog, support); err != nil {
		return err
	}
	s, flags := &settings{}, serveFlags{listening: func(console string) {
		_, _ = fmt.Fprintf(std.out, "\nThe console, to try, change and look: %s  (Ctrl-C ends)\n", console)
	}}
	cmd := &cobra.Command{}
	flags.add(s, cmd)
	err = cmd.ParseFlags([]string{
		"--catalog", catalog, "--source", "store", "--ledger", filepath.Join(dir, "demo.db"), "--store-prompts", "full",
		"--listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0", "--decide-only", "--log-level", "error", "--cache-dir", dir, "--drain-timeout", "1s",
	})
	demo.Flags().VisitAll(func(f *pflag.Flag) { // what embeds is said to the demo
		if cmd.Flags().Lookup(f.Name) != nil && f.Value.String() != f.DefValue {
			err = errors.Join(err, cmd.Flags().Set(f.Name, f.Value.String()))
		}
	})
	if err != nil {
		return err
	}
	return s.serve(ctx, std, flags)
}
