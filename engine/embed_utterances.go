package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
)

// embedBatch is how many utterances are embedded between two reports of progress.
const embedBatch = 256

// FailedUtterance is an utterance without a vector, and why it has none.
type FailedUtterance struct {
	index.Key
	Err error
}

// embedKeys embeds the utterances of keys, and gives those apart that the
// embedder cannot take.
func embedKeys(ctx context.Context, embedder embed.Embedder, keys []index.Key, progress Progress) ([]index.Entry, []FailedUtterance, error) {
	entries := make([]index.Entry, 0, len(keys))
	var failed []FailedUtterance
	done := 0
	for batch := range slices.Chunk(keys, embedBatch) {
		texts := make([]string, len(batch))
		for i, key := range batch {
			texts[i] = key.Utterance
		}
		vectors, err := embedder.EmbedDocuments(ctx, texts)
		var some *embed.TextsError
		if err != nil && !errors.As(err, &some) {
			return nil, nil, fmt.Errorf("embedding utterances: %w", err)
		}
		for i, key := range batch {
			if err := some.Of(i); err != nil {
				failed = append(failed, FailedUtterance{Key: key, Err: err})
				continue
			}
			entries = append(entries, index.Entry{Key: key, Vector: vectors.Vectors[i]})
		}
		if done += len(batch); progress != nil {
			progress("embedding utterances", done, len(keys))
		}
	}
	return entries, failed, nil
}

// mostLogged bounds how many failed utterances are named one by one.
const mostLogged = 20

// logFailed names the utterances that a generation goes without.
func logFailed(log zerolog.Logger, failed []FailedUtterance) {
	if len(failed) == 0 {
		return
	}
	log.Error().Int("utterances", len(failed)).Msg("utterances cannot be embedded and are left out; change or remove them")
	for _, f := range failed[:min(len(failed), mostLogged)] {
		log.Error().Str("route", f.Route).Str("utterance", f.Utterance).Err(f.Err).Msg("left out")
	}
}
