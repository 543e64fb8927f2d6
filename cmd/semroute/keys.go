package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres"
	"github.com/semroute/semroute/store/sqlite"
	"github.com/spf13/cobra"
)

// keyFlags are the flags of the commands below `keys`.
type keyFlags struct {
	store   storeFlags
	asJSON  bool
	claims  claimFlags
	name    string
	expires time.Duration
	grace   time.Duration
}

// newKeys makes and ends API keys.
func newKeys(std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Make, list, rotate and revoke API keys",
		Long: "Keys are kept in the store, hashed; `serve --require-keys` asks callers for them.\n" +
			"Commands work while a server runs, which takes notice within two seconds.",
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKeysCreate(std), newKeysList(std), newKeysRotate(std), newKeysRevoke(std))
	return cmd
}

func (f *keyFlags) add(cmd *cobra.Command) {
	f.store.add(cmd)
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON, a line a key")
}

func newKeysCreate(std stdio) *cobra.Command {
	var flags keyFlags
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a key and show it, this once",
		Long: "Without --ledger or --store nothing is kept: what is printed below the key belongs into the\n" +
			"file of `serve --auth`.",
		Example: "  semroute keys create --ledger calls.db --name ci --role decide\n" +
			"  semroute keys create --ledger calls.db --name app --user app --tier gold --route billing --budget-usd 5 --per-second 20",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return createKey(cmd.Context(), std, flags)
		},
	}
	flags.add(cmd)
	f := cmd.Flags()
	f.StringVar(&flags.name, "name", "", "what the key is called in lists and logs")
	f.DurationVar(&flags.expires, "expires", 0, "how long it is valid, as 2160h; 0 until it is revoked")
	flags.claims.add(cmd)
	return cmd
}

func createKey(ctx context.Context, std stdio, flags keyFlags) error {
	claims, err := flags.claims.claims()
	if err != nil {
		return err
	}
	if flags.expires < 0 {
		return wrongUse("--expires must be 0 or more")
	}
	secret, key := apikey.New(flags.name, claims, time.Now())
	if flags.expires > 0 {
		key.Expires = key.Created.Add(flags.expires)
	}
	if flags.store == (storeFlags{}) {
		return printNewKey(std, flags.asJSON, secret, &key, true)
	}
	return withKeys(ctx, flags.store, func(keys store.Keys) error {
		return keepKey(ctx, std, keys, flags.asJSON, secret, &key)
	})
}

// keepKey keeps a key and shows its secret, in this order: one that is shown and
// not kept would be of no use.
func keepKey(ctx context.Context, std stdio, keys store.Keys, asJSON bool, secret string, key *apikey.Key) error {
	kept, err := keyToStore(key)
	if err != nil {
		return err
	}
	if err := keys.AddKey(ctx, kept); err != nil {
		return err
	}
	return printNewKey(std, asJSON, secret, key, false)
}

func newKeysList(std stdio) *cobra.Command {
	var flags keyFlags
	cmd := &cobra.Command{
		Use:     "list",
		Short:   "List the keys, without what is secret of them",
		Example: "  semroute keys list --ledger calls.db",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withKeys(cmd.Context(), flags.store, func(keys store.Keys) error {
				all, err := keys.Keys(cmd.Context())
				if err != nil {
					return err
				}
				return listKeys(std, flags.asJSON, all, time.Now())
			})
		},
	}
	flags.add(cmd)
	return cmd
}

func newKeysRotate(std stdio) *cobra.Command {
	var flags keyFlags
	cmd := &cobra.Command{
		Use:     "rotate PREFIX",
		Short:   "Make a key that may do the same, and have the old one end",
		Long:    "The new key is shown this once. The old one goes on for --grace, and can still be\nrevoked before.",
		Example: "  semroute keys rotate abcdefghij --ledger calls.db --grace 24h",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if flags.grace < 0 {
				return wrongUse("--grace must be 0 or more")
			}
			return withKeys(cmd.Context(), flags.store, func(keys store.Keys) error {
				return rotateKey(cmd.Context(), std, keys, args[0], flags)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().DurationVar(&flags.grace, "grace", 0, "how long the old key goes on")
	return cmd
}

func rotateKey(ctx context.Context, std stdio, keys store.Keys, prefix string, flags keyFlags) error {
	old, err := storedKeys{keys}.Key(ctx, prefixOf(prefix))
	if errors.Is(err, apikey.ErrUnknown) {
		return noSuchKey(prefix)
	}
	if err != nil {
		return err
	}
	now := time.Now()
	if ended := old.Ended(now); ended != "" {
		return fmt.Errorf("the key %s has been %s; make a new one with `semroute keys create`", old.Prefix, ended)
	}
	secret, fresh := apikey.New(old.Name, old.Claims, now)
	if !old.Expires.IsZero() {
		fresh.Expires = fresh.Created.Add(old.Expires.Sub(old.Created))
	}
	if err := keepKey(ctx, std, keys, flags.asJSON, secret, &fresh); err != nil {
		return err
	}
	return keys.RevokeKey(ctx, old.Prefix, now.Add(flags.grace))
}

func newKeysRevoke(std stdio) *cobra.Command {
	var flags keyFlags
	cmd := &cobra.Command{
		Use:     "revoke PREFIX",
		Short:   "End a key; servers refuse it within two seconds",
		Example: "  semroute keys revoke abcdefghij --ledger calls.db",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withKeys(cmd.Context(), flags.store, func(keys store.Keys) error {
				err := keys.RevokeKey(cmd.Context(), prefixOf(args[0]), time.Now())
				if errors.Is(err, store.ErrNotFound) {
					return noSuchKey(args[0])
				}
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(std.out, "revoked %s\n", prefixOf(args[0]))
				return err
			})
		},
	}
	flags.add(cmd)
	return cmd
}

// prefixOf takes a whole key as well: it is what somebody has at hand.
func prefixOf(text string) string {
	if prefix, ok := apikey.PrefixOf(text); ok {
		return prefix
	}
	return text
}

// noSuchKey does not repeat what may be a secret.
func noSuchKey(text string) error {
	const shown = 12
	if len(text) > shown {
		text = text[:shown] + "…"
	}
	return fmt.Errorf("there is no key with the prefix %q; `semroute keys list` shows them", text)
}

// withKeys opens the keys of a store, also while others write it.
func withKeys(ctx context.Context, flags storeFlags, do func(store.Keys) error) error {
	address, err := flags.address()
	if err != nil {
		return err
	}
	if address == "" {
		return wrongUse("no store is named: give --ledger PATH, or --store postgres://USER@HOST/DATABASE")
	}
	var keys interface {
		store.Keys
		io.Closer
	}
	if isPostgres(address) {
		keys, err = postgres.Open(ctx, address, store.Config{})
	} else {
		keys, err = sqlite.OpenKeys(ctx, strings.TrimPrefix(address, sqliteScheme))
	}
	if err != nil {
		return flags.failure(err)
	}
	return errors.Join(do(keys), keys.Close())
}

// claimFlags are what a new key may do.
type claimFlags struct {
	roles            []string
	user, team, tier string
	says             []string
	routes, models   []string
	usd, window      string
	tokens           int64
	limits           auth.Limits
}

func (c *claimFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&c.roles, "role", []string{string(auth.Decide), string(auth.Forward)}, "what it may do: decide, forward, feedback, admin, metrics; give it again for more")
	f.StringVar(&c.user, "user", "", "the user that its requests count as (default: the key itself)")
	f.StringVar(&c.team, "team", "", "the team that its requests count as")
	f.StringVar(&c.tier, "tier", "", "the tier that its requests have")
	f.StringSliceVar(&c.says, "says", nil, "which of user, team and tier its requests may name themselves, as a gateway's do")
	f.StringSliceVar(&c.routes, "route", nil, "the only routes that it is allowed; give it again for more (default: all)")
	f.StringSliceVar(&c.models, "model", nil, "the only models that it is allowed; give it again for more (default: all)")
	f.StringVar(&c.usd, "budget-usd", "", "what all its calls may cost together in a window, as 5 or 0.5")
	wordFlag(cmd, &c.window, "budget-window", "day", "the window of --budget-usd", "day", "month")
	f.Int64Var(&c.tokens, "tokens-per-minute", 0, "tokens of all its calls together; 0 is no limit")
	f.Float64Var(&c.limits.PerSecond, "per-second", 0, "prompts a second; 0 is no limit")
	f.IntVar(&c.limits.Burst, "burst", 0, "prompts at once (default: those of a second)")
	f.IntVar(&c.limits.Concurrent, "concurrent", 0, "calls in flight; 0 is no limit")
}

func (c *claimFlags) claims() (auth.Claims, error) {
	claims := auth.Claims{
		User: c.user, Team: c.team, Tier: c.tier, Says: c.says, Routes: c.routes, Models: c.models, Limits: c.limits,
	}
	for _, role := range c.roles {
		claims.Roles = append(claims.Roles, auth.Role(role))
	}
	if c.usd != "" || c.tokens > 0 {
		claims.Budget = &auth.Budget{Window: c.window, TokensPerMinute: c.tokens}
	}
	if c.usd != "" {
		nano, err := auth.ParseUSD(c.usd)
		if err != nil {
			return claims, wrongUse("--budget-usd: %w", err)
		}
		claims.Budget.USD = &nano
	}
	if err := claims.Check(); err != nil {
		return claims, wrongUse("%w", err)
	}
	return claims, nil
}
