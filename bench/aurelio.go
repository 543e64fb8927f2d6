package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/router"
)

// aurelio compares one decision of aurelio's semantic-router with one of ours:
// in process, on the same vectors of utterances and prompts, embedding left
// out in both.
func aurelio(ctx context.Context, e *env) (rows measure.Rows, err error) {
	if e.aurelio == "" {
		return nil, measure.Skip("it is not installed; bench/peers/run.sh installs and runs it")
	}
	big, err := e.source.Large()
	if err != nil {
		return nil, err
	}
	prompts := big.Prompts[:min(len(big.Prompts), 1000)]
	given, err := embedBefore(ctx, prompts)
	if err != nil {
		return nil, err
	}
	built, err := engine.BuildWith(ctx, big.Catalog, e.staticMemory(), given)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, built.Close()) }()
	r := router.New(router.Config{})
	r.Swap(built.Generation)

	dir := filepath.Join(e.dir, "vectors")
	if err := export(ctx, dir, built, prompts, given.vectors); err != nil {
		return nil, err
	}
	p, err := e.startPeer(ctx, e.aurelio, dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	decide := measure.InTurn(prompts, func(ctx context.Context, text string) error {
		_, err := r.Decide(ctx, router.Prompt{Text: text}, router.Limits{})
		return err
	})
	v, err := measure.Alternate(ctx, measure.Pick(e.quick, 1, 5),
		measure.MedianArm(measure.Pick(e.quick, 500, 5000), decide),
		func(context.Context) (float64, error) {
			answer, err := p.ask(strconv.Itoa(measure.Pick(e.quick, 30, 150)))
			return answer.P50US, err
		},
	)
	if err != nil {
		return nil, err
	}
	note := p.version + ", local index"
	return measure.Rows{
		measure.Plain("decision, embedding left out, p50, "+big.Label(), measure.Over(v[0]), "µs").Noted("in process"),
		measure.Plain("aurelio's decision, the same, p50", measure.Over(v[1]), "µs").Noted("%s", note),
		measure.AtLeast("aurelio's decision ÷ ours, p50", measure.Divided(v[1], v[0]), "ratio", 300).Noted("%s", note),
	}, nil
}

// given is the static embedder with the vectors of known prompts made before.
type given struct {
	*static.Embedder
	vectors [][]float32
	at      map[string]int
}

var _ router.SingleEmbedder = (*given)(nil)

func embedBefore(ctx context.Context, prompts []string) (*given, error) {
	embedder, err := static.New(static.Config{})
	if err != nil {
		return nil, err
	}
	batch, err := embedder.EmbedQueries(ctx, prompts)
	if err != nil {
		return nil, err
	}
	g := &given{Embedder: embedder, vectors: batch.Vectors, at: make(map[string]int, len(prompts))}
	for i, p := range prompts {
		g.at[p] = i
	}
	return g, nil
}

// EmbedQuery implements router.SingleEmbedder.
func (g *given) EmbedQuery(ctx context.Context, text string, room *[]float32) (embed.Embedded, error) {
	if i, ok := g.at[text]; ok {
		return embed.Embedded{Vector: g.vectors[i]}, nil
	}
	return g.Embedder.EmbedQuery(ctx, text, room)
}

// export writes what the peer decides on: entries.json, and the vectors as
// little-endian float32, one after another.
func export(ctx context.Context, dir string, built *engine.Assembly, prompts []string, vectors [][]float32) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var about struct {
		Dimension  int      `json:"dimension"`
		Routes     []string `json:"routes"`
		Utterances []string `json:"utterances"`
		Prompts    []string `json:"prompts"`
	}
	about.Dimension, about.Prompts = built.Embedder.Dimension(), prompts
	var rows [][]float32
	entries, err := built.Entries(ctx)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		about.Routes = append(about.Routes, entry.Route)
		about.Utterances = append(about.Utterances, entry.Utterance)
		rows = append(rows, entry.Vector)
	}
	raw, err := json.Marshal(about)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "entries.json"), raw, 0o600),
		os.WriteFile(filepath.Join(dir, "entries.f32"), littleEndian(rows), 0o600),
		os.WriteFile(filepath.Join(dir, "prompts.f32"), littleEndian(vectors), 0o600),
	)
}

func littleEndian(rows [][]float32) []byte {
	var out []byte
	for _, row := range rows {
		for _, v := range row {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(v))
		}
	}
	return out
}
