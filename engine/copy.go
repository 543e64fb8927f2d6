package engine

import (
	"context"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/memory"
)

// copyBytes is how much memory the copy of a server's vectors may take: those of more
// than 80,000 utterances by the model in the binary. A larger catalog has none, and
// static vectors stand in for it.
const copyBytes = 128 << 20

// inMemory is a copy of what an index on a server holds, to be searched while the
// server cannot be; nil where nobody wants one or it would be too large. It lives as
// long as the generation that searches it.
func (b *builder) inMemory(ctx context.Context, synced *Synced, e embed.Embedder) (index.Index, error) {
	c := &b.config
	most := copyBytes
	if c.copyBytes > 0 {
		most = c.copyBytes
	}
	if c.Index.Kind == Memory || !c.Settings.DegradeToStatic {
		return nil, nil
	}
	if n := len(keys(b.catalog)); n*e.Dimension()*4 > most {
		c.Log.Info().Int("utterances", n).Msg("the vectors are too many for a copy in memory: while the index server is away, static vectors decide")
		return nil, nil
	}
	entries, err := synced.Entries(ctx)
	if err != nil {
		return nil, err
	}
	idx, err := memory.Open(memory.Config{Fingerprint: e.Fingerprint(), Dimension: e.Dimension()})
	if err != nil {
		return nil, err
	}
	return idx, idx.Replace(ctx, entries)
}
