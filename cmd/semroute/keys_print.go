package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/store"
)

// keyJSON is a key as --json prints it. Key is there once, when it is made, and
// Hash where it is kept nowhere but in what is printed.
type keyJSON struct {
	Key     string      `json:"key,omitempty"`
	Prefix  string      `json:"prefix"`
	Hash    string      `json:"hash,omitempty"`
	Name    string      `json:"name,omitempty"`
	State   string      `json:"state"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires,omitzero"`
	Revoked time.Time   `json:"revoked,omitzero"`
	Claims  auth.Claims `json:"claims"`
}

func keyAsJSON(k *apikey.Key, now time.Time) keyJSON {
	state := k.Ended(now)
	if state == "" {
		state = "valid"
	}
	return keyJSON{
		Prefix: k.Prefix, Name: k.Name, State: state, Created: k.Created, Expires: k.Expires, Revoked: k.Revoked, Claims: k.Claims,
	}
}

// printNewKey shows a key this once: its secret on the first line, and where it
// is kept nowhere what belongs into an auth file.
func printNewKey(std stdio, asJSON bool, secret string, k *apikey.Key, keptNowhere bool) error {
	hash := ""
	if keptNowhere {
		hash = fmt.Sprintf("sha256:%x", k.Hash)
	}
	if asJSON {
		shown := keyAsJSON(k, k.Created)
		shown.Key, shown.Hash = secret, hash
		return writeJSONLine(std.out, shown)
	}
	if _, err := fmt.Fprintln(std.out, secret); err != nil || !keptNowhere {
		return err
	}
	entry, err := yaml.Marshal(map[string]any{"keys": []any{fileEntry(k, hash)}})
	if err != nil {
		return fmt.Errorf("entry of the auth file: %w", err)
	}
	_, err = std.out.Write(entry)
	return err
}

// fileEntry is a key as an auth file has it.
func fileEntry(k *apikey.Key, hash string) yaml.MapSlice {
	entry := yaml.MapSlice{{Key: "prefix", Value: k.Prefix}, {Key: "hash", Value: hash}}
	add := func(name string, value any, there bool) {
		if there {
			entry = append(entry, yaml.MapItem{Key: name, Value: value})
		}
	}
	add("name", k.Name, k.Name != "")
	add("expires", k.Expires.Format(time.RFC3339), !k.Expires.IsZero())
	add("roles", k.Roles, len(k.Roles) > 0)
	add("user", k.User, k.User != "")
	add("team", k.Team, k.Team != "")
	add("tier", k.Tier, k.Tier != "")
	add("says", k.Says, len(k.Says) > 0)
	add("routes", k.Routes, len(k.Routes) > 0)
	add("models", k.Models, len(k.Models) > 0)
	if b := k.Budget; b != nil {
		budget := yaml.MapSlice{}
		if b.USD != nil {
			budget = append(budget, yaml.MapItem{Key: "usd", Value: auth.FormatUSD(*b.USD)}, yaml.MapItem{Key: "window", Value: b.Window})
		}
		if b.TokensPerMinute > 0 {
			budget = append(budget, yaml.MapItem{Key: "tokens_per_minute", Value: b.TokensPerMinute})
		}
		add("budget", budget, true)
	}
	limits := yaml.MapSlice{}
	if k.Limits.PerSecond > 0 {
		limits = append(limits, yaml.MapItem{Key: "per_second", Value: k.Limits.PerSecond})
	}
	if k.Limits.Burst > 0 {
		limits = append(limits, yaml.MapItem{Key: "burst", Value: k.Limits.Burst})
	}
	if k.Limits.Concurrent > 0 {
		limits = append(limits, yaml.MapItem{Key: "concurrent", Value: k.Limits.Concurrent})
	}
	add("limits", limits, len(limits) > 0)
	return entry
}

// listKeys lists what is kept. A key that cannot be read is an error after all
// others are listed.
func listKeys(std stdio, asJSON bool, all []store.Key, now time.Time) error {
	var problems []error
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	if !asJSON && len(all) > 0 {
		_, _ = fmt.Fprintln(table, "PREFIX\tNAME\tSTATE\tCREATED\tENDS\tROLES\tUSER")
	}
	for i := range all {
		k, err := keyFromStore(&all[i])
		if err != nil {
			problems = append(problems, err)
			continue
		}
		shown := keyAsJSON(&k, now)
		if asJSON {
			problems = append(problems, writeJSONLine(std.out, shown))
			continue
		}
		ends := "never"
		for _, end := range []time.Time{k.Expires, k.Revoked} {
			if !end.IsZero() {
				ends = end.UTC().Format(time.DateTime)
			}
		}
		var roles []string
		for _, r := range k.Roles {
			roles = append(roles, string(r))
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.Prefix, k.Name, shown.State, k.Created.UTC().Format(time.DateTime), ends,
			strings.Join(roles, ","), k.User)
	}
	return errors.Join(append(problems, table.Flush())...)
}
