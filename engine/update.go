package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/router"
)

const (
	// defaultUpdateFrom is a training of about half a second of processor time.
	defaultUpdateFrom = 200_000
	// updateShare bounds the changes since the last training to one in so many
	// utterances: with more, an update favours the routes that changed.
	updateShare = 100
	// updateVersion changes when an update gives another model.
	updateVersion = "1"
)

// update brings the ranker of the generation before up to date, where training
// takes long and the change is small, and counts the changes since its training;
// nil where it has to be trained. What it decides depends on the ranker before and
// on the examples alone, of which it gets its fingerprint.
func (t *trainer) update(ctx context.Context, before *space, entries []index.Entry, examples *classify.Examples, fingerprint string) (*router.Classifier, int) {
	switch {
	case before == nil:
		return nil, 0
	case before.ranker.Fingerprint() == fingerprint && before.untrained == 0 && len(before.synced.Failed) == 0:
		return before.ranker, 0
	case len(entries)*len(examples.Routes) < t.updateFrom || !slices.Equal(before.ranker.Routes(), examples.Routes):
		return nil, 0
	}
	change, n, ok := difference(ctx, before, entries, examples)
	if n += before.untrained; !ok || n > len(entries)/updateShare {
		return nil, 0
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "update %s/%s/%s", updateVersion, before.ranker.Fingerprint(), fingerprint))
	key := hex.EncodeToString(sum[:16])
	model, err := before.ranker.Model().Update(change, key, trainSeed)
	if err != nil {
		return nil, 0
	}
	return router.NewClassifier(model, examples.Routes, key), n
}

// difference is what the examples have become since the space before, in how many
// changes; false where its vectors are not there any more.
func difference(ctx context.Context, before *space, entries []index.Entry, examples *classify.Examples) (classify.Change, int, bool) {
	was := before.learned()
	place := make(map[index.Key]int32, len(entries))
	for i, entry := range entries {
		place[entry.Key] = int32(i)
	}
	var change classify.Change
	var gone []index.Key
	for _, key := range was {
		at, still := place[key]
		if !still {
			gone, at = append(gone, key), -1
		}
		delete(place, key)
		change.Places = append(change.Places, at)
	}
	for i, entry := range entries {
		if _, fresh := place[entry.Key]; fresh {
			add(&change.Added, entry, examples.Labels[i])
		}
	}
	none := before.catalog.None
	for i, text := range none {
		at := int32(-1)
		if i < len(examples.Texts)-len(entries) && examples.Texts[len(entries)+i] == text {
			at = int32(len(entries) + i)
		}
		change.Places = append(change.Places, at)
	}
	now := examples.Texts[len(entries):]
	change.None = examples.Vectors[len(entries):]
	n := len(gone) + len(change.Added.Texts)
	if !slices.Equal(none, now) {
		n += max(1, len(now)-len(none), len(none)-len(now))
	}
	if len(gone) == 0 {
		return change, n, true
	}
	found, missing, err := lookUp(ctx, []index.Index{before.index}, gone)
	if err != nil || len(missing) > 0 {
		return change, n, false
	}
	for _, entry := range found {
		add(&change.Removed, entry, before.ranker.RouteID(entry.Route))
	}
	return change, n, true
}

func add(to *classify.Examples, entry index.Entry, label int32) {
	to.Texts, to.Labels = append(to.Texts, entry.Utterance), append(to.Labels, label)
	to.Vectors = append(to.Vectors, entry.Vector)
}

// learned are the utterances that the ranker knows, in the order of its examples.
func (s *space) learned() []index.Key {
	failed := make(map[index.Key]bool, len(s.synced.Failed))
	for i := range s.synced.Failed {
		failed[s.synced.Failed[i].Key] = true
	}
	all := slices.DeleteFunc(keys(s.catalog), func(k index.Key) bool { return failed[k] })
	slices.SortFunc(all, compareKeys)
	return all
}
