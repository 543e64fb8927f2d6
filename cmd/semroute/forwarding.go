package main

import (
	"context"
	"errors"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/accounting"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/store"
	"github.com/spf13/cobra"
)

// defaultLedgerBytes bounds the decision log where nothing else is said.
const defaultLedgerBytes = 1 << 30

// callFlags are the flags of every command that makes calls to models.
type callFlags struct {
	store    storeFlags
	prompts  string
	maxAge   time.Duration
	maxBytes int64
	outcomes []string
	// plainKeys lets models' keys go to other machines over http.
	plainKeys bool
}

// callingFlags adds them.
func callingFlags(cmd *cobra.Command, flags *callFlags) {
	f := cmd.Flags()
	flags.store.add(cmd)
	wordFlag(cmd, &flags.prompts, "store-prompts", string(store.NoPrompts), "what the ledger keeps of a prompt",
		string(store.NoPrompts), string(store.HashedPrompts), string(store.RedactedPrompts), string(store.FullPrompts))
	f.DurationVar(&flags.maxAge, "ledger-max-age", 0, "how long records are kept, as 720h; 0 for as long as there is room")
	f.Int64Var(&flags.maxBytes, "ledger-max-bytes", defaultLedgerBytes, "how large the ledger may grow before the oldest records go; 0 for no bound")
	f.BoolVar(&flags.plainKeys, "plain-keys", false, "send models' keys to other machines also over http, unencrypted")
	f.StringSliceVar(&flags.outcomes, "outcomes", nil, `files that the quality strategy learns from, JSON lines {"text": "...", "scores": {"MODEL": 0.7}}`)
}

// calls is what forwarding holds open. The zero value decides only and keeps
// nothing.
type calls struct {
	// forwarder is nil where no calls are wanted, log where nothing is kept.
	forwarder  server.Forwarder
	log        forward.Log
	forwarding *engine.LiveForwarding
	ledger     store.Store        // nil where nothing is kept
	health     *accounting.Health // of the ledger
	predictor  forward.Predictor  // once a catalog has needed one
	prompts    store.Prompts      // what is kept of them
	watching   records            // look at the records of calls too
}

// keys are the API keys of the store, nil where there is none.
func (c *calls) keys() store.Keys {
	if c.ledger == nil {
		return nil
	}
	return c.ledger
}

// forwards says whether there is something to call.
func (c *calls) forwards() bool { return c.forwarding != nil && c.forwarding.Calls() }

// prepare makes calls ready for the decisions of a generation. It is for
// engine.Config.BeforeSwap.
func (c *calls) prepare(ctx context.Context, g *router.Generation) error {
	if c.forwarding == nil {
		return nil
	}
	return c.forwarding.Prepare(ctx, g.Fingerprint(), g.Catalog())
}

// openCalls opens the ledger, which the catalog may come from, and, unless only
// decisions are wanted, what the catalog's models need. What is wrong is told before
// anything is served.
func (s *settings) openCalls(ctx context.Context, from func(store.Store) (*routes.Catalog, error), flags callFlags, decideOnly bool, log zerolog.Logger) (*calls, error) {
	c := &calls{}
	if err := c.openLedger(ctx, flags, log); err != nil {
		return nil, err
	}
	catalog, err := from(c.ledger)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	if decideOnly {
		return c, nil
	}
	if err := c.openForwarding(ctx, catalog, flags, s.ollamaHost, log); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

func (c *calls) openLedger(ctx context.Context, flags callFlags, log zerolog.Logger) error {
	if flags.maxAge < 0 || flags.maxBytes < 0 {
		return wrongUse("--ledger-max-age and --ledger-max-bytes must not be negative")
	}
	opened, err := flags.store.open(ctx, store.Config{
		Prompts: store.Prompts(flags.prompts), MaxAge: flags.maxAge, MaxBytes: flags.maxBytes, Log: log,
	})
	if err != nil || opened == nil {
		return err
	}
	c.ledger, c.log, c.health = opened, accounting.Log{Ledger: opened}, accounting.NewHealth(opened, log)
	c.prompts, c.watching = store.Prompts(flags.prompts), append(c.watching, c.log)
	return nil
}

// openForwarding makes the calls of the catalog ready, and of those that come
// after it as they are prepared.
func (c *calls) openForwarding(ctx context.Context, catalog *routes.Catalog, flags callFlags, ollamaHost string, log zerolog.Logger) error {
	live := engine.NewLiveForwarding(func(ctx context.Context, catalog *routes.Catalog) (engine.ForwardingConfig, error) {
		return c.forwardingOf(ctx, catalog, flags, ollamaHost, log)
	})
	err := live.Prepare(ctx, "", catalog)
	if errors.Is(err, forward.ErrSecret) || errors.Is(err, forward.ErrConfig) {
		return wrongUse("the catalog's models cannot be called (`serve --decide-only` does without):\n%w", err)
	}
	if err != nil {
		return err
	}
	c.forwarding, c.forwarder = live, live
	return nil
}

// forwardingOf is what the calls of a catalog are made with.
func (c *calls) forwardingOf(ctx context.Context, catalog *routes.Catalog, flags callFlags, ollamaHost string, log zerolog.Logger) (engine.ForwardingConfig, error) {
	config := engine.ForwardingConfig{
		Providers: engine.ProviderConfig{OllamaHost: ollamaHost, PlainKeys: flags.plainKeys}, Log: &c.watching, Predictor: c.predictor, Logger: log,
	}
	switch {
	case c.ledger != nil:
		config.Budgets = accounting.NewBudgets(c.ledger, catalog.Budgets)
	case len(catalog.Budgets) > 0:
		return config, wrongUse("the catalog has budgets, which are kept in the ledger: give --ledger PATH, or --store")
	}
	if c.predictor == nil {
		if err := learn(ctx, catalog, flags.outcomes, &config, log); err != nil {
			return config, err
		}
		c.predictor = config.Predictor
	}
	return config, nil
}

// close keeps what is still queued and frees the rest. No call may be in
// flight.
func (c *calls) close() error {
	var problems []error
	if c.forwarding != nil {
		problems = append(problems, c.forwarding.Close())
	}
	if c.ledger != nil {
		problems = append(problems, c.ledger.Close())
	}
	return errors.Join(problems...)
}

// decider is the one whose decisions say what the store cannot do.
func (c *calls) decider(d server.Decider) server.Decider {
	if c.health == nil {
		return d
	}
	return c.health.Telling(d)
}

// watch looks after the store until ctx ends: calls go on without it.
func (c *calls) watch(ctx context.Context) {
	if c.health != nil {
		c.health.Run(ctx)
	}
}
