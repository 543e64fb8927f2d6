//go:build integration

package classify_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/semroute/semroute/classify"
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/routes"
)

// TestUpdateOnRealPrompts measures what an update is worth against a training, on
// train.jsonl and test.jsonl in the folder that SEMROUTE_TEST_DATA names: the first
// routes lack what is beyond some utterances of theirs, and get it back.
func TestUpdateOnRealPrompts(t *testing.T) {
	folder := os.Getenv("SEMROUTE_TEST_DATA")
	if folder == "" {
		t.Skip("SEMROUTE_TEST_DATA names no folder with train.jsonl and test.jsonl")
	}
	embedder, err := static.New(static.Config{})
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]int32{}
	read := func(name string) (e classify.Examples) {
		file, err := os.Open(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		prompts, err := routes.ReadLabelled(file, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range prompts {
			if p.Route == "" {
				continue
			}
			if _, known := ids[p.Route]; !known {
				ids[p.Route] = int32(len(ids))
			}
			v, _ := embedder.AppendQuery(nil, p.Text)
			e.Texts, e.Labels, e.Vectors = append(e.Texts, p.Text), append(e.Labels, ids[p.Route]), append(e.Vectors, v)
		}
		return e
	}
	all, test := read("train.jsonl"), read("test.jsonl")
	all.Routes = make([]string, len(ids))
	for name, id := range ids {
		all.Routes[id] = name
	}
	full := train(t, all)
	for _, cut := range []struct{ routes, keep int }{{1, 99}, {5, 50}} {
		seen := map[int32]int{}
		before, added := classify.Examples{Routes: all.Routes}, classify.Examples{}
		for i, label := range all.Labels {
			to := &before
			if seen[label]++; int(label) < cut.routes && seen[label] > cut.keep {
				to = &added
			}
			to.Texts, to.Labels, to.Vectors = append(to.Texts, all.Texts[i]), append(to.Labels, label), append(to.Vectors, all.Vectors[i])
		}
		old := train(t, before)
		start := time.Now()
		updated, err := old.Update(classify.Change{Added: added}, "", 1)
		if err != nil {
			t.Fatal(err)
		}
		line := fmt.Sprintf("%d utterances added to %d routes in %s; right of their prompts, and of all others:", len(added.Texts), cut.routes, time.Since(start).Round(time.Millisecond))
		for _, m := range []struct {
			name   string
			model  *classify.Model
			beside *classify.Examples
		}{{"before", old, &before}, {"updated", updated, &all}, {"trained", full, &all}} {
			own, others := right(t, m.model, m.beside, &test, cut.routes)
			line += fmt.Sprintf(" %s %.1f %% and %.1f %%;", m.name, own, others)
		}
		t.Log(line)
	}
}

func train(t *testing.T, e classify.Examples) *classify.Model {
	t.Helper()
	m, err := classify.Train(context.Background(), e, classify.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// right is the share in % of prompts of the first routes, and of all others, that a
// model beside its examples decides right.
func right(t *testing.T, m *classify.Model, beside, test *classify.Examples, first int) (own, others float64) {
	t.Helper()
	s := m.NewScratch()
	var n, hits [2]float64
	for i, text := range test.Texts {
		leaders, err := m.Score(s, text, test.Vectors[i])
		if err != nil {
			t.Fatal(err)
		}
		lead := map[int32]bool{}
		for _, l := range leaders {
			lead[l.Route] = true
		}
		var near []classify.Neighbour
		for k, label := range beside.Labels {
			if lead[label] {
				var dot float32
				for j, x := range test.Vectors[i] {
					dot += x * beside.Vectors[k][j]
				}
				near = append(near, classify.Neighbour{Route: label, Similarity: dot})
			}
		}
		group := 1
		if int(test.Labels[i]) < first {
			group = 0
		}
		n[group]++
		if m.Confidence(s, near).Route == test.Labels[i] {
			hits[group]++
		}
	}
	return 100 * hits[0] / n[0], 100 * hits[1] / n[1]
}
