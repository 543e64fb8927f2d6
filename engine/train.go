package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/wholefile"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// trainSeed makes training repeatable: the same catalog gives the same bytes.
const trainSeed = 1

// trainVersion changes when training the same examples gives another model, so
// that nothing trained by an older binary is used.
const trainVersion = "5"

// errForeign: a file of trained state lies where that of another catalog or
// embedder belongs.
var errForeign = errors.New("it was trained on something else")

// trainer trains rankers and keeps what was trained.
type trainer struct {
	modelDir   string // where trained state is kept; empty keeps none
	vectorDir  string // where vectors are kept; empty keeps none
	mustKeep   bool   // them, or it is an error
	extras     *extras
	updateFrom int
	workers    int // 0 for all
	foreign    int // prompts of the background to compare with
	log        zerolog.Logger
	progress   Progress
}

func newTrainer(c Config) *trainer {
	t := &trainer{modelDir: c.CacheDir, extras: c.extras, updateFrom: cmp.Or(c.updateFrom, defaultUpdateFrom), mustKeep: c.Embedder.mustKeep(), log: c.Log, progress: c.Progress}
	if c.Embedder.Kind != Static { // static vectors of a few texts are quicker made than read
		t.vectorDir, t.foreign = c.CacheDir, comparedWith
	}
	return t
}

// trained is what an earlier start has kept.
type trained struct {
	fingerprint string // of what training would see now
	path        string
	model       *classify.Model // nil where none can be used
	err         error           // why a file cannot be
}

// kept looks for what was trained on this catalog and embedder.
func (t *trainer) kept(catalog *routes.Catalog, e embed.Embedder) trained {
	k := trained{fingerprint: t.fingerprint(catalog, e)}
	if t.modelDir == "" {
		return k
	}
	k.path = filepath.Join(t.modelDir, "models", k.fingerprint+".model")
	model, err := classify.Open(k.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		k.err = err
	case model.Key() != k.fingerprint:
		k.err = errForeign
	default:
		k.model = model
	}
	return k
}

// train gives the ranker of a catalog whose utterances are in the index: what
// was kept, that of the generation before brought up to date, or one that is
// trained now. It counts the changes that the ranker was not trained on. A
// damaged file costs only the training that it would have saved.
func (t *trainer) train(ctx context.Context, catalog *routes.Catalog, e embed.Embedder, synced *Synced, k trained, before *space) (*router.Classifier, int, error) {
	names := sortedNames(catalog)
	if k.model != nil {
		return router.NewClassifier(k.model, names, k.fingerprint), 0, nil
	}
	if k.err != nil {
		t.log.Warn().Err(k.err).Str("file", k.path).Msg("the trained state cannot be used; it is trained again")
	}
	entries, err := synced.Entries(ctx)
	if err != nil {
		return nil, 0, err
	}
	examples, err := t.examples(ctx, catalog, e, entries, names)
	if err != nil {
		return nil, 0, err
	}
	if updated, n := t.update(ctx, before, entries, &examples, k.fingerprint); updated != nil {
		return updated, n, nil
	}
	ranker, err := t.learn(ctx, examples, k, len(synced.Failed) == 0)
	return ranker, 0, err
}

// learn trains a ranker, and keeps it where it is whole.
func (t *trainer) learn(ctx context.Context, examples classify.Examples, k trained, whole bool) (*router.Classifier, error) {
	n := len(examples.Texts)
	model, err := classify.Train(ctx, examples, classify.Config{Key: k.fingerprint, Seed: trainSeed, Workers: t.workers, Foreign: t.foreign, Progress: func(stage string, done float64) {
		if t.progress != nil { // counted in utterances, so that small catalogs stay silent
			t.progress("training, "+stage, int(done*float64(n)), n)
		}
	}})
	if err != nil {
		return nil, fmt.Errorf("training the classifier: %w", err)
	}
	if whole && t.save(k.path, model) {
		if kept, err := classify.Open(k.path); err == nil && kept.Key() == k.fingerprint { // mapped, as after a restart
			model = kept
		}
	}
	return router.NewClassifier(model, examples.Routes, k.fingerprint), nil
}

// fingerprint covers all that training sees.
func (t *trainer) fingerprint(catalog *routes.Catalog, e embed.Embedder) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s/%s/%s", trainVersion, catalog.TrainingFingerprint(), e.Fingerprint()))
	return hex.EncodeToString(sum[:16])
}

// save keeps a trained model. Failing to is logged: the next start trains again.
func (t *trainer) save(path string, model *classify.Model) bool {
	if path == "" {
		return false
	}
	err := func() error {
		data, err := model.MarshalBinary()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		return wholefile.Replace(path, 0o600, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		})
	}()
	if err != nil {
		t.log.Warn().Err(err).Str("file", path).Msg("the trained state is not kept; the next start trains again")
	}
	return err == nil
}

// examples are the utterances, what fits no route, and the routes' names.
func (t *trainer) examples(ctx context.Context, catalog *routes.Catalog, e embed.Embedder, entries []index.Entry, names []string) (classify.Examples, error) {
	ids := make(map[string]int32, len(names))
	words := make([]string, len(names))
	for i, name := range names {
		ids[name] = int32(i)
		words[i] = classify.Words(name)
	}
	extra, err := t.extraVectors(ctx, e, slices.Concat(words, catalog.None))
	if err != nil {
		return classify.Examples{}, err
	}
	beside, err := t.background(ctx, e)
	if err != nil {
		return classify.Examples{}, err
	}
	ex := classify.Examples{Routes: names, NameVectors: make([][]float32, len(names)), Background: beside}
	for i, w := range words {
		if ex.NameVectors[i] = extra[w]; w == "" {
			ex.NameVectors[i] = make([]float32, e.Dimension())
		}
	}
	for _, entry := range entries {
		ex.Texts = append(ex.Texts, entry.Utterance)
		ex.Labels = append(ex.Labels, ids[entry.Route])
		ex.Vectors = append(ex.Vectors, entry.Vector)
	}
	for _, text := range catalog.None {
		ex.Texts = append(ex.Texts, text)
		ex.Labels = append(ex.Labels, classify.None)
		ex.Vectors = append(ex.Vectors, extra[text])
	}
	return ex, nil
}

func sortedNames(catalog *routes.Catalog) []string {
	names := make([]string, len(catalog.Routes))
	for i := range catalog.Routes {
		names[i] = catalog.Routes[i].Name
	}
	slices.Sort(names)
	return names
}
