package main

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/revision"
	"github.com/semroute/semroute/learn/shadow"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/store"
	"github.com/spf13/cobra"
)

// shadowFlags say what decides beside what serves.
type shadowFlags struct {
	catalog   []string
	embedder  string
	modelPath string
	model     string
	share     float64
}

func (f *shadowFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.catalog, "shadow-catalog", nil, "catalog that decides beside the one in place and never affects it (default: the same)")
	wordFlag(cmd, &f.embedder, "shadow-embedder", "", "embedder of the decisions beside (default: the same)", engine.Static, engine.Transformer, engine.Ollama)
	flags.StringVar(&f.modelPath, "shadow-model-path", "", "the transformer's model beside, as --model-path")
	flags.StringVar(&f.model, "shadow-ollama-model", "", "Ollama's embedding model beside, as --ollama-model")
	flags.Float64Var(&f.share, "shadow-share", 0.1, "share of the prompts that is decided beside, in (0, 1]")
}

func (f *shadowFlags) wanted() bool {
	return len(f.catalog) > 0 || f.embedder != "" || f.modelPath != "" || f.model != ""
}

// candidate is what decides beside what serves.
type candidate struct {
	*shadow.Shadow
	name    string
	engine  *engine.Engine
	config  engine.Config
	catalog *routes.Catalog
	other   bool // its embedder is another one

	mu     sync.Mutex       // protects the fields below
	err    error            // why it cannot decide yet
	source *revision.Source // of what serves; nil before it does
}

// errNotBuilt: the candidate's first generation is still being built.
var errNotBuilt = errors.New("the candidate is still being built")

// openShadow checks what is to decide beside; nil where nothing is.
func (s *settings) openShadow(std stdio, flags shadowFlags, calls *calls, log zerolog.Logger) (*candidate, error) {
	if !flags.wanted() {
		return nil, nil
	}
	if !(flags.share > 0 && flags.share <= 1) {
		return nil, wrongUse("--shadow-share must be more than 0 and at most 1, not %v", flags.share)
	}
	beside := *s
	var name []string
	if len(flags.catalog) > 0 {
		beside.catalog = flags.catalog
		name = append(name, "catalog "+strings.Join(flags.catalog, ", "))
	}
	for _, other := range []struct {
		flag, value string
		to          *string
	}{
		{"embedder", flags.embedder, &beside.embedder}, {"model path", flags.modelPath, &beside.modelPath}, {"ollama model", flags.model, &beside.ollamaModel},
	} {
		if other.value != "" {
			*other.to = other.value
			name = append(name, other.flag+" "+other.value)
		}
	}
	beside.index = engine.Memory // a collection of a server's index holds one catalog
	catalog, err := beside.loadCatalog(std)
	if err != nil {
		return nil, err
	}
	config, err := beside.engineConfig(log.With().Bool("shadow", true).Logger(), nil)
	if err != nil {
		return nil, err
	}
	c := &candidate{
		name: strings.Join(name, ", "), config: config, catalog: catalog, err: errNotBuilt,
		other: flags.embedder != "" || flags.modelPath != "" || flags.model != "",
	}
	c.engine = engine.New(catalog, config)
	c.Shadow = shadow.New(shadow.Config{
		Candidate: c.engine, Catalog: catalog, Share: flags.share,
		KeepExamples: calls.keepsText(), Redact: calls.kept,
	})
	return c, nil
}

// Name implements trafficapi.Candidate.
func (c *candidate) Name() string { return c.name }

// Ready implements trafficapi.Candidate.
func (c *candidate) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

func (c *candidate) set(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

// shadowPause is between two attempts to build a candidate.
const shadowPause = 30 * time.Second

// run builds the candidate and lets it decide until ctx ends.
func (c *candidate) run(ctx context.Context, source *revision.Source) {
	c.mu.Lock()
	c.source = source
	c.mu.Unlock()
	defer func() { _ = c.engine.Close() }() // which keeps nothing that is missed
	for {
		err := c.engine.Build(ctx)
		c.set(err)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return
		}
		c.config.Log.Warn().Err(err).Msg("the candidate beside cannot be built; trying again")
		select {
		case <-ctx.Done():
			return
		case <-time.After(shadowPause):
		}
	}
	c.Run(ctx)
}

// Promote implements trafficapi.Candidate.
func (c *candidate) Promote(ctx context.Context, author, cause string) (string, error) {
	c.mu.Lock()
	source, err := c.source, c.err
	c.mu.Unlock()
	if source == nil || err != nil {
		return "", errors.Join(errNotBuilt, err)
	}
	var embedder *engine.EmbedderConfig
	if c.other {
		embedder = &c.config.Embedder
	}
	applied, err := source.Promote(ctx, c.catalog, embedder, author, cmp.Or(cause, "promotion of the candidate: "+c.name))
	if err != nil {
		return "", err
	}
	return applied.Fingerprint, nil
}

// keepsText says whether the text of prompts may be kept.
func (c *calls) keepsText() bool {
	return c.prompts == store.FullPrompts || c.prompts == store.RedactedPrompts
}

// kept is what may be kept of a text.
func (c *calls) kept(text string) string {
	if kept := (&store.Record{Prompt: text}).Text(c.prompts); kept != nil {
		return *kept
	}
	return ""
}
