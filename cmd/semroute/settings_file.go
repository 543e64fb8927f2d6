package main

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/internal/strictyaml"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const (
	defaultConfigFile = "semroute.yaml"
	maxConfigBytes    = 1 << 20
)

// fileValue is a value of the settings file and its place.
type fileValue struct {
	text string
	at   strictyaml.Position
}

// readFile reads the settings file; keys are the flags' names with `_` for
// `-`. A key that no command knows is an error; one that another command
// knows is not.
func (s *settings) readFile(cmd *cobra.Command) (map[string]fileValue, error) {
	path, given := s.config, s.config != ""
	if !given {
		if env := os.Getenv(envPrefix + "CONFIG"); env != "" {
			path, given = env, true
		} else {
			path = defaultConfigFile
		}
	}
	content, err := plainfile.Read(path, maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) && !given {
		return nil, nil
	}
	if err != nil {
		return nil, wrongUse("settings file: %w", err)
	}
	return parseSettings(path, content, knownFlags(cmd.Root()))
}

// knownFlags are the flags of all commands that may be set elsewhere.
func knownFlags(root *cobra.Command) []string {
	seen := map[string]bool{"help": true, "version": true, "config": true}
	var names []string
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if !seen[f.Name] {
				seen[f.Name] = true
				names = append(names, f.Name)
			}
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(root)
	return names
}

// parseSettings reads a mapping of flags' names to one value or a list of values.
func parseSettings(path string, content []byte, flags []string) (map[string]fileValue, error) {
	known := make([]string, len(flags))
	for i, flag := range flags {
		known[i] = strings.ReplaceAll(flag, "-", "_")
	}
	var found strictyaml.Collector
	values := map[string]fileValue{}
	if v, ok := strictyaml.Parse(path, content, &found); ok {
		v.Entries("a settings file", func(key string, at strictyaml.Position, item strictyaml.Value) {
			if !slices.Contains(known, strings.ReplaceAll(key, "-", "_")) {
				found.Add(at, "unknown key %s%s", strictyaml.Quote(key), strictyaml.Suggestion(key, known))
			} else if text, ok := settingText(item); ok {
				values[strings.ReplaceAll(key, "_", "-")] = fileValue{text: text, at: item.Place}
			} else {
				item.Bad("%s must be one value or a list of values", key)
			}
		})
	}
	if err := found.Err(); err != nil {
		return nil, wrongUse("%w", err)
	}
	return values, nil
}

// settingText is the value as a flag would take it; a list becomes
// comma-separated.
func settingText(v strictyaml.Value) (text string, ok bool) {
	if v.Kind() != "a list" {
		return scalarText(v)
	}
	var items []string
	ok = true
	v.List("", func(item strictyaml.Value) {
		text, plain := scalarText(item)
		items, ok = append(items, text), ok && plain
	})
	return strings.Join(items, ","), ok
}

func scalarText(v strictyaml.Value) (text string, ok bool) {
	switch n := v.Node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.NullNode:
		return "", true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return v.Node.GetToken().Value, true
	}
	return "", false
}
