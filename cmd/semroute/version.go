package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// newVersion says which build this is.
func newVersion(std stdio) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of this binary",
		Args:  cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) error {
			v := buildVersion()
			if asJSON {
				return json.NewEncoder(std.out).Encode(v)
			}
			_, err := fmt.Fprintln(std.out, v)
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// The linker sets these where no history is at hand, as in the Dockerfile
// (-X main.linkedVersion=…); empty, the build's own stamp counts.
var linkedVersion, linkedRevision string

type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Go       string `json:"go"`
}

func (v version) String() string {
	return fmt.Sprintf("semroute %s %s %s", v.Version, v.Revision, v.Go)
}

// buildVersion is what the linker was told, else what Go stamped.
func buildVersion() version {
	v := stampedVersion()
	v.Version = cmp.Or(linkedVersion, v.Version)
	v.Revision = cmp.Or(linkedRevision, v.Revision)
	return v
}

func stampedVersion() version {
	v := version{Version: "devel", Revision: "unknown", Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			v.Revision = s.Value
		}
	}
	return v
}
