package engine

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/index/memory"
	"github.com/semroute/semroute/index/qdrant"
	"github.com/semroute/semroute/routes"
)

// Kinds of indexes.
const (
	Memory = "memory"
	Qdrant = "qdrant"
)

// IndexConfig says which index is wanted.
type IndexConfig struct {
	// Kind is Memory or Qdrant.
	Kind string
	// CacheDir is where the memory index keeps its snapshots; empty keeps none.
	CacheDir string
	// Name tells the snapshots of different catalogs apart. It must not depend
	// on the folder that the process was started in.
	Name string
	// The rest is Qdrant's.
	Address    string
	Collection string
	APIKey     string
	TLS        bool
	Tuning     QdrantTuning
}

// QdrantTuning is for catalogs that outgrow a single default collection; zero
// values are the server's defaults. See qdrant.Config.
type QdrantTuning struct {
	EF, Connections, Shards, Replicas int
	Quantize, OnDisk                  bool
}

// OpenIndex opens the index for the embedder's vectors. What it holds of
// another embedder is never seen.
func OpenIndex(ctx context.Context, c IndexConfig, e embed.Embedder, log zerolog.Logger) (index.Index, error) {
	switch c.Kind {
	case Memory:
		return openMemory(c, e, log)
	case Qdrant:
		return qdrant.Open(ctx, qdrant.Config{
			Address: c.Address, Prefix: c.Collection, APIKey: c.APIKey, TLS: tlsConfig(c.TLS),
			Fingerprint: e.Fingerprint(), Dimension: e.Dimension(),
			EF: c.Tuning.EF, Connections: c.Tuning.Connections, Quantize: c.Tuning.Quantize,
			VectorsOnDisk: c.Tuning.OnDisk, PayloadOnDisk: c.Tuning.OnDisk,
			Shards: c.Tuning.Shards, Replicas: c.Tuning.Replicas,
		})
	}
	return nil, fmt.Errorf("unknown index %q: it is %q or %q", c.Kind, Memory, Qdrant)
}

// openSynced opens the index and brings it up to date. Vectors that are made in
// process are soon made again, so a folder that cannot keep them costs a warning, no more.
func openSynced(ctx context.Context, catalog *routes.Catalog, c Config, e embed.Embedder) (index.Index, Synced, error) {
	idx, synced, err := openAndSync(ctx, catalog, c, e)
	if errors.Is(err, memory.ErrNotKept) && !c.Embedder.mustKeep() {
		c.Log.Warn().Err(err).Msg("vectors are not kept; the next start embeds again")
		c.Index.CacheDir = ""
		return openAndSync(ctx, catalog, c, e)
	}
	return idx, synced, err
}

func openAndSync(ctx context.Context, catalog *routes.Catalog, c Config, e embed.Embedder) (index.Index, Synced, error) {
	idx, err := OpenIndex(ctx, c.Index, e, c.Log)
	if err != nil {
		return nil, Synced{}, err
	}
	var others []index.Index
	if c.Index.Kind == Memory {
		others = c.before.indexes()
	}
	synced, err := Sync(ctx, idx, e, catalog, others, c.Progress)
	if err == nil && c.Index.Kind == Memory && len(synced.Stale) > 0 {
		// No generation before searches this index, so nothing stale need stay.
		err = idx.Delete(ctx, synced.Stale)
		synced.Stale = nil
	}
	if err != nil {
		return nil, Synced{}, errors.Join(err, idx.Close())
	}
	return idx, synced, nil
}

// tlsConfig trusts the system's roots; nil is plain text.
func tlsConfig(on bool) *tls.Config {
	if !on {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12}
}

// openMemory opens the index in process. A damaged snapshot costs only the
// embedding that it would have saved, so it is logged and made again.
func openMemory(c IndexConfig, e embed.Embedder, log zerolog.Logger) (index.Index, error) {
	config := memory.Config{Fingerprint: e.Fingerprint(), Dimension: e.Dimension()}
	if c.CacheDir != "" {
		path, err := snapshotPath(c, e)
		if err != nil {
			return nil, err
		}
		config.Path = path
	}
	idx, err := memory.Open(config)
	if errors.Is(err, memory.ErrCorrupt) {
		log.Warn().Err(err).Str("snapshot", config.Path).Msg("the vectors are embedded again")
		if err := memory.Discard(config.Path); err != nil {
			return nil, fmt.Errorf("removing the damaged snapshot: %w", err)
		}
		idx, err = memory.Open(config)
	}
	if err != nil {
		return nil, err
	}
	return idx, nil
}

// snapshotPath gives every pair of embedder and catalog a file of its own, so
// that using two in turn throws nothing away.
func snapshotPath(c IndexConfig, e embed.Embedder) (string, error) {
	dir := filepath.Join(c.CacheDir, "vectors")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("%w: cache folder: %w; choose another with --cache-dir, or \"off\"", memory.ErrNotKept, err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(c.Name), c.Name, e.Fingerprint()))
	return filepath.Join(dir, hex.EncodeToString(sum[:12])+".snapshot"), nil
}
