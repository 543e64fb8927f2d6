package main

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/learn/alarm"
	"github.com/semroute/semroute/learn/canary"
	"github.com/semroute/semroute/learn/drift"
	"github.com/semroute/semroute/learn/monitor"
	"github.com/semroute/semroute/learn/observed"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/server"
	"github.com/semroute/semroute/server/trafficapi"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/postgres"
	"github.com/spf13/cobra"
	"google.golang.org/grpc"
)

// trafficFlags say what a server notices about its traffic.
type trafficFlags struct {
	drift     bool
	runLength float64
	webhook   string
	canaries  time.Duration
	shadow    shadowFlags
}

func (f *trafficFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.BoolVar(&f.drift, "drift", true, "watch whether prompts and models' answers stay as they were")
	flags.Float64Var(&f.runLength, "drift-run-length", usualRunLength, "least expected number of decisions between false alarms")
	flags.StringVar(&f.webhook, "alarm-webhook", "", "https address (or http on this machine) that is told of alarms, each as JSON by POST")
	flags.DurationVar(&f.canaries, "canary-every", time.Hour, "how often models are asked the prompts under canaries in the catalog; 0 never asks")
	f.shadow.add(cmd)
}

// traffic is what looks at decisions and calls after they were made.
type traffic struct {
	book     *alarm.Book
	monitor  *monitor.Monitor // nil where nothing is watched
	canaries *canary.Schedule // nil where nobody is asked
	shadow   *candidate       // nil where none decides beside
}

// openTraffic makes it ready, with what an earlier process has learnt.
func (s *settings) openTraffic(ctx context.Context, std stdio, flags trafficFlags, calls *calls, observed *observing, log zerolog.Logger) (*traffic, error) {
	if !(flags.runLength >= 1) {
		return nil, wrongUse("--drift-run-length must be 1 or more, not %v", flags.runLength)
	}
	config := alarm.Config{Log: log, OnChange: observed.alarmed()}
	if flags.webhook != "" {
		hook, err := alarm.NewHook(flags.webhook, nil)
		if err != nil {
			return nil, wrongUse("--alarm-webhook: %w", err)
		}
		config.Hook = hook
	}
	t := &traffic{book: alarm.NewBook(config)}
	if flags.drift {
		t.monitor = monitor.New(monitor.Config{
			Drift: drift.Config{RunLength: flags.runLength}, Book: t.book, Values: calls.values(), Key: calls.monitorKey(), Log: log,
		})
		t.monitor.Restore(ctx)
	}
	if t.monitor != nil {
		calls.watching = append(calls.watching, t.monitor)
	}
	if flags.canaries < 0 {
		return nil, wrongUse("--canary-every must not be negative")
	}
	if flags.canaries > 0 && calls.forwarding != nil {
		t.canaries = canary.New(canary.Config{Ask: calls.askCanary, Every: flags.canaries, Book: t.book, Values: calls.values(), Log: log})
	}
	var err error
	if t.shadow, err = s.openShadow(std, flags.shadow, calls, log); err != nil {
		return nil, err
	}
	return t, nil
}

// serving says which generation serves from now on, in front of prepare. It is
// for engine.Config.BeforeSwap.
func (t *traffic) serving(prepare func(context.Context, *router.Generation) error) func(context.Context, *router.Generation) error {
	return func(ctx context.Context, g *router.Generation) error {
		if err := prepare(ctx, g); err != nil {
			return err
		}
		if t.monitor != nil {
			t.monitor.Generation(g)
		}
		if t.canaries != nil {
			t.canaries.Set(canariesOf(g.Catalog()))
		}
		if t.shadow != nil {
			t.shadow.Serving(g.Fingerprint(), g.Catalog())
		}
		return nil
	}
}

// decider is the one whose decisions are looked at.
func (t *traffic) decider(d server.Decider) server.Decider {
	var observers []observed.Observer
	if t.monitor != nil {
		observers = append(observers, t.monitor)
	}
	if t.shadow != nil {
		observers = append(observers, t.shadow)
	}
	return observed.Decisions(d, observers...)
}

// service registers what tells of it.
func (t *traffic) service(serving *engine.Engine, calls *calls) func(grpc.ServiceRegistrar) {
	parts := trafficapi.Parts{Monitor: t.monitor, Book: t.book, Catalog: serving.Catalog}
	if calls.ledger != nil {
		parts.Outcomes, parts.Records = calls.ledger, calls.ledger
	}
	if calls.forwarding != nil {
		parts.Health = calls.forwarding.Health
	}
	if t.shadow != nil {
		parts.Candidate = t.shadow
	}
	return trafficapi.Register(parts)
}

// run looks at what is served until ctx ends.
func (t *traffic) run(ctx context.Context, source *revision.Source) {
	var parts sync.WaitGroup
	parts.Go(func() { t.book.Run(ctx) })
	if t.monitor != nil {
		parts.Go(func() { t.monitor.Run(ctx) })
	}
	if t.canaries != nil {
		parts.Go(func() { t.canaries.Run(ctx) })
	}
	if t.shadow != nil {
		parts.Go(func() { t.shadow.run(ctx, source) })
	}
	parts.Wait()
}

// values are where what was learnt is kept; nil where nothing is.
func (c *calls) values() store.Values {
	if c.ledger == nil {
		return nil
	}
	return c.ledger
}

// monitorKey is under which a monitor keeps what it has learnt: replicas that share
// a database have each their own, and a file has one process.
func (c *calls) monitorKey() string {
	if _, shared := c.ledger.(*postgres.Store); !shared {
		return ""
	}
	host, err := os.Hostname()
	if err != nil {
		return ""
	}
	return host
}

// records are the logs that take the record of a call.
type records []forward.Log

// Append implements forward.Log.
func (r records) Append(record forward.Record) {
	for _, log := range r {
		log.Append(record)
	}
}
