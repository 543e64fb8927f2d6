package classify

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// apart splits examples into those that pick wants and the others.
func apart(e Examples, pick func(i int) bool) (picked, rest Examples) {
	picked.Routes, rest.Routes = e.Routes, e.Routes
	for i := range e.Texts {
		to := &rest
		if pick(i) {
			to = &picked
		}
		to.Texts, to.Labels, to.Vectors = append(to.Texts, e.Texts[i]), append(to.Labels, e.Labels[i]), append(to.Vectors, e.Vectors[i])
	}
	return picked, rest
}

// judge gives the decisions of a model on prompts near the examples.
func judge(t *testing.T, m *Model, e *Examples) []int32 {
	t.Helper()
	rng := rand.New(rand.NewPCG(3, 3))
	s := m.NewScratch()
	said := make([]int32, len(e.Texts))
	for i := range e.Texts {
		v := unit(rng, e.Vectors[i], 1.2, len(e.Vectors[i]))
		said[i] = decide(t, m, s, e, "please show me", v).Route // a text that all have in common
	}
	return said
}

// agreement is the share of places at which two lists are the same.
func agreement(a, b []int32) float64 {
	same := 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return float64(same) / float64(len(a))
}

func TestAnUpdateIsWorthNearlyWhatTrainingIs(t *testing.T) {
	all := towns(20, 40, 48, 1)
	for i := range all.Texts {
		all.Texts[i] = fmt.Sprint("please show me number ", i) // the vectors alone tell routes apart
	}
	added, before := apart(all, func(i int) bool { return i < 40 && i%20 > 0 }) // one route begins with few
	old, trained := mustTrain(t, before, Config{Key: "old"}), mustTrain(t, all, Config{Key: "new"})
	updated, err := old.Update(Change{Added: added}, "updated", 1)
	if err != nil {
		t.Fatal(err)
	}
	right := func(m *Model) (own, others float64) {
		said := judge(t, m, &all)
		return agreement(said[:40], all.Labels[:40]), agreement(said[40:], all.Labels[40:])
	}
	was, otherWas := right(old)
	is, otherIs := right(updated)
	could, otherCould := right(trained)
	t.Logf("the route that grew: before %.3f, updated %.3f, trained %.3f; the others %.3f, %.3f, %.3f", was, is, could, otherWas, otherIs, otherCould)
	if is < was+.05 || is < could-.05 || otherIs < otherCould-.03 {
		t.Error("the update is worth less")
	}
	s := updated.NewScratch()
	for i, text := range added.Texts {
		leaders, err := updated.Score(s, text, added.Vectors[i])
		if err != nil || leaders[0].Route != added.Labels[i] {
			t.Errorf("%q is of route %d for it, want %d: %v", text, leaders[0].Route, added.Labels[i], err)
		}
	}
	if updated.Key() != "updated" || old.Key() != "old" {
		t.Errorf("keys %q and %q", updated.Key(), old.Key())
	}
}

func TestAnUpdateMovesAnUtteranceToAnotherRoute(t *testing.T) {
	all := towns(12, 12, 48, 1)
	old := mustTrain(t, all, Config{})
	moved, _ := apart(all, func(i int) bool { return i == 30 })
	to := moved
	to.Labels = []int32{7}
	updated, err := old.Update(Change{Removed: moved, Added: to}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	leaders, err := updated.Score(updated.NewScratch(), moved.Texts[0], moved.Vectors[0])
	if err != nil || leaders[0].Route != 7 {
		t.Errorf("it is of route %d, want 7: %v", leaders[0].Route, err)
	}
}

func TestAddingAndRemovingLeavesDecisionsAsTheyWere(t *testing.T) {
	all := towns(12, 12, 48, 1)
	added, before := apart(all, func(i int) bool { return i%12 == 3 })
	old := mustTrain(t, before, Config{})
	there, err := old.Update(Change{Added: added}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	back, err := there.Update(Change{Removed: added}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := agreement(judge(t, old, &all), judge(t, back, &all)); got < .99 {
		t.Errorf("agrees on %.3f of the prompts", got)
	}
}

func TestAnUpdateIsRepeatableAndLeavesTheModelAsItIs(t *testing.T) {
	all := towns(12, 12, 48, 1)
	added, before := apart(all, func(i int) bool { return i%12 == 3 })
	old := mustTrain(t, before, Config{})
	was, err := old.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var bytesOf [2][]byte
	for k := range bytesOf {
		updated, err := old.Update(Change{Added: added, None: added.Vectors[:2]}, "k", 1)
		if err != nil {
			t.Fatal(err)
		}
		if bytesOf[k], err = updated.MarshalBinary(); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(bytesOf[0], bytesOf[1]) {
		t.Error("two updates by the same change differ")
	}
	if now, err := old.MarshalBinary(); err != nil || !bytes.Equal(was, now) {
		t.Errorf("the model that was updated is another one: %v", err)
	}
}

func TestAnUpdateKeepsWhatWasHeldOut(t *testing.T) {
	all := towns(6, 8, 24, 1)
	old := mustTrain(t, all, Config{})
	places := make([]int32, len(all.Texts))
	for i := range places {
		places[i] = int32(i) - 1 // the first is gone
	}
	removed, _ := apart(all, func(i int) bool { return i == 0 })
	updated, err := old.Update(Change{Removed: removed, Places: places}, "", 1)
	if err != nil {
		t.Fatal(err)
	}
	if was, is := len(old.HeldOut()), len(updated.HeldOut()); is != was-1 {
		t.Errorf("%d decisions were held out, now %d", was, is)
	}
	for _, p := range updated.HeldOut() {
		if p.Label != all.Labels[p.Example+1] {
			t.Errorf("example %d has label %d", p.Example, p.Label)
		}
	}
}

func TestAnUpdateRefuses(t *testing.T) {
	all := towns(4, 4, 16, 1)
	m := mustTrain(t, all, Config{})
	one, _ := apart(all, func(i int) bool { return i == 0 })
	with := func(edit func(*Examples)) Examples {
		e := one
		edit(&e)
		return e
	}
	for name, c := range map[string]Change{
		"a route that there is not": {Added: with(func(e *Examples) { e.Labels = []int32{4} })},
		"no route":                  {Removed: with(func(e *Examples) { e.Labels = []int32{None} })},
		"too few vectors":           {Added: with(func(e *Examples) { e.Vectors = nil })},
		"another dimension":         {Added: with(func(e *Examples) { e.Vectors = [][]float32{{1}} })},
		"a none of another":         {None: [][]float32{{1}}},
	} {
		if _, err := m.Update(c, "", 1); !errors.Is(err, ErrBadExamples) {
			t.Errorf("%s: %v", name, err)
		}
	}
	prototypes := *m
	prototypes.chosen.c = 0
	if _, err := prototypes.Update(Change{}, "", 1); !errors.Is(err, ErrNoUpdate) {
		t.Errorf("prototypes: %v", err)
	}
}
