package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

const (
	// checkPrompt and checkTokens keep a check cheap.
	checkPrompt = "Say OK."
	checkTokens = 8
	// checksAtOnce bounds the calls in flight.
	checksAtOnce = 8
)

// newModels groups what is done with the catalog's models.
func newModels(s *settings, std stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "Look at the catalog's models",
		Args:  noSuchCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelsCheck(s, std))
	return cmd
}

// newModelsCheck calls every model once.
func newModelsCheck(s *settings, std stdio) *cobra.Command {
	var timeout time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Call every model of the catalog once; exit code 1 when one fails",
		Example: "  semroute models check --catalog examples/support\n" +
			"  semroute models check --catalog examples/support --json | jq -r 'select(.ok | not) | .model'",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.checkModels(cmd.Context(), std, timeout, asJSON)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&s.catalog, "catalog", nil, "catalog files or folders")
	addOllamaHost(f, &s.ollamaHost, "address of Ollama for models without base_url")
	f.DurationVar(&timeout, "timeout", time.Minute, "bound of one call")
	f.BoolVar(&s.plainKeys, "plain-keys", false, "send models' keys to other machines also over http, unencrypted")
	f.BoolVar(&asJSON, "json", false, "print one JSON object a model")
	return cmd
}

// checked is what came of one model's call.
type checked struct {
	Model        string          `json:"model"`
	Provider     routes.Provider `json:"provider"`
	OK           bool            `json:"ok"`
	Status       forward.Status  `json:"status"`
	Error        string          `json:"error"`
	LatencyUS    int64           `json:"latency_us"`
	FirstPieceUS int64           `json:"first_piece_us"`
	InputTokens  int64           `json:"input_tokens"`
	OutputTokens int64           `json:"output_tokens"`
	Estimated    bool            `json:"estimated"`
	CostNanoUSD  int64           `json:"cost_nano_usd"`
	Unpriced     bool            `json:"unpriced"`
}

func (s *settings) checkModels(ctx context.Context, std stdio, timeout time.Duration, asJSON bool) error {
	if timeout <= 0 {
		return wrongUse("--timeout must be more than 0")
	}
	catalog, err := s.loadCatalog(std)
	if err != nil {
		return err
	}
	if len(catalog.Models) == 0 {
		return wrongUse("the catalog names no models")
	}
	results, err := s.callEach(ctx, catalog.Models, timeout)
	if err != nil {
		return err
	}
	if err := writeChecked(std.out, results, asJSON); err != nil {
		return err
	}
	for _, r := range results {
		if !r.OK {
			return errSilent
		}
	}
	return nil
}

// callEach calls all models, a few at once, and keeps their order.
func (s *settings) callEach(ctx context.Context, models []routes.Model, timeout time.Duration) ([]checked, error) {
	counter, err := engine.NewCounter()
	if err != nil {
		return nil, err
	}
	results := make([]checked, len(models))
	var group errgroup.Group
	group.SetLimit(checksAtOnce)
	for i, m := range models {
		group.Go(func() error {
			results[i] = s.callOnce(ctx, m, counter, timeout)
			return nil
		})
	}
	err = group.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return results, err
}

// callOnce makes one attempt at one model, by the forwarder, so that what is
// shown is what a call would meet.
func (s *settings) callOnce(ctx context.Context, m routes.Model, counter forward.Counter, timeout time.Duration) checked {
	out := checked{Model: m.Name, Provider: m.Provider, Unpriced: m.Prices.At(time.Now()) == nil}
	provider, err := engine.OpenProvider(m, engine.ProviderConfig{OllamaHost: s.ollamaHost, PlainKeys: s.plainKeys})
	if err != nil {
		out.Error = err.Error()
		return out
	}
	defer func() { _ = provider.Close() }()
	m.Timeout = timeout
	f, err := policy.New(policy.Deps{
		Catalog:   &routes.Catalog{Models: []routes.Model{m}},
		Providers: map[string]forward.Provider{m.Name: provider}, Tokens: counter,
	}, forward.Config{
		MaxAttempts: 1, AttemptsPerModel: 1,
		AttemptTimeout: timeout, TotalTimeout: timeout, FirstPieceTimeout: timeout, IdleTimeout: timeout,
	})
	if err != nil {
		out.Error = err.Error()
		return out
	}
	request := forward.Ask(checkPrompt)
	request.MaxTokens = checkTokens
	record, err := f.Forward(ctx, forward.Call{Models: []string{m.Name}, Request: request}, func(forward.Piece) error { return nil })
	out.fill(record, err)
	return out
}

func (c *checked) fill(r forward.Record, err error) {
	c.OK = err == nil
	if len(r.Attempts) == 0 {
		if err != nil {
			c.Error = err.Error()
		}
		return
	}
	a := r.Attempts[0]
	c.Status, c.Error = a.Status, a.Error
	c.LatencyUS, c.FirstPieceUS = a.Latency.Microseconds(), a.FirstPiece.Microseconds()
	c.InputTokens, c.OutputTokens, c.Estimated = a.Usage.InputTokens, a.Usage.OutputTokens, a.Usage.Estimated
	c.CostNanoUSD = a.Cost
}

func writeChecked(w io.Writer, results []checked, asJSON bool) error {
	if asJSON {
		lines := json.NewEncoder(w)
		for _, r := range results {
			if err := lines.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	table := tabwriter.NewWriter(readable(w), 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "MODEL\tPROVIDER\tLATENCY\tFIRST PIECE\tTOKENS\tCOST\tRESULT")
	for _, r := range results {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.Model, r.Provider,
			milliseconds(r.LatencyUS), milliseconds(r.FirstPieceUS), r.tokens(), r.cost(), r.result())
	}
	return table.Flush()
}

func milliseconds(us int64) string {
	if us == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f ms", float64(us)/1000)
}

func (c *checked) tokens() string {
	mark := ""
	if c.Estimated {
		mark = " (estimated)"
	}
	return fmt.Sprintf("%d in, %d out%s", c.InputTokens, c.OutputTokens, mark)
}

func (c *checked) cost() string {
	if c.Unpriced {
		return "no price"
	}
	return forward.FormatUSD(c.CostNanoUSD)
}

func (c *checked) result() string {
	if c.OK {
		return "ok"
	}
	return c.Error
}
