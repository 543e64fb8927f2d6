package classify

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// besideTowns is a background of two subjects about nothing of e, and of one whose
// prompts are those of the first route put another way.
func besideTowns(e *Examples, each int) Background {
	rng := rand.New(rand.NewPCG(5, 5))
	dim := len(e.Vectors[0])
	var b Background
	for subject := range 3 {
		for k := range each {
			text, middle := fmt.Sprintf("something else %d of %d", k, subject), unit(rng, nil, 0, dim)
			if subject == 2 {
				text, middle = fmt.Sprintf("please show me thing0 number %d now", k), e.Vectors[0]
			}
			b.Texts, b.Subjects = append(b.Texts, text), append(b.Subjects, int32(subject))
			b.Vectors = append(b.Vectors, unit(rng, middle, .3, dim))
		}
	}
	return b
}

func TestABackgroundHasStrangersRefusedAndNobodyElse(t *testing.T) {
	e := towns(6, 12, 16, 1)
	e.Background = besideTowns(&e, 80)
	m := mustTrain(t, e, Config{Foreign: 64})
	s, least := m.NewScratch(), m.Thresholds().LeastKnown
	if least <= 0 || least >= 1 {
		t.Fatalf("thresholds %+v", m.Thresholds())
	}
	refused := 0
	for i, text := range e.Texts {
		if v := decide(t, m, s, &e, text, e.Vectors[i]); v.Known < least {
			refused++
		}
	}
	if refused > len(e.Texts)/20 {
		t.Errorf("%d of the %d utterances are refused", refused, len(e.Texts))
	}
	rng := rand.New(rand.NewPCG(9, 9))
	const strangers = 200
	refused = 0
	for range strangers {
		if v := decide(t, m, s, &e, "who would have thought", unit(rng, nil, 0, 16)); v.Known < least {
			refused++
		}
	}
	if refused < strangers*9/10 {
		t.Errorf("%d of %d strangers are refused", refused, strangers)
	}
}

func TestWhatResemblesTheCatalogIsLeftOut(t *testing.T) {
	e := towns(6, 12, 16, 1)
	e.Background = besideTowns(&e, 80)
	tr := newTrainer(e, Config{Seed: 1, Workers: 1, Foreign: 64})
	held, beside := make([]evidence, len(e.Texts)), make([]evidence, len(e.Background.Texts))
	fill := func(list []evidence, near, logit float32) {
		for i := range list {
			list[i] = evidence{n: 1, place: int32(i)}
			list[i].x[0] = [clues]float32{logit + float32(i%7)/10, near + float32(i%5)/100}
		}
	}
	fill(held, .8, 5)
	fill(beside, .3, 1)
	fill(beside[160:], .8, 5)
	for i := range beside {
		beside[i].place = int32(i)
	}
	beside[3].x[0] = [clues]float32{9, .99} // the only one of its subject
	left := tr.notResembling(held, beside)
	if len(left) != 159 {
		t.Errorf("%d are left, want 159", len(left))
	}
	for _, e := range left {
		if e.place == 3 || e.place >= 160 {
			t.Errorf("prompt %d is left although it resembles the catalog", e.place)
		}
	}
	tr.compareWith(left)
	if got := tr.foreign.count(); got != 64 {
		t.Errorf("compared with %d prompts, want 64", got)
	}
}

func TestAModelWithABackgroundIsEncoded(t *testing.T) {
	e := towns(5, 10, 16, 1)
	e.Background = besideTowns(&e, 40)
	m := mustTrain(t, e, Config{Foreign: 20})
	data, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back Model
	if err := back.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	text, vector := "something else", unit(rand.New(rand.NewPCG(1, 1)), nil, 0, 16)
	if diff := cmp.Diff(decide(t, m, m.NewScratch(), &e, text, vector), decide(t, &back, back.NewScratch(), &e, text, vector)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(m.Thresholds(), back.Thresholds()); diff != "" {
		t.Error(diff)
	}
}

func TestBadBackgroundsAreRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Background){
		"a vector is missing":       func(b *Background) { b.Vectors = b.Vectors[1:] },
		"a subject is missing":      func(b *Background) { b.Subjects = b.Subjects[1:] },
		"a subject below 0":         func(b *Background) { b.Subjects[0] = -1 },
		"a vector of two dimension": func(b *Background) { b.Vectors[0] = b.Vectors[0][:2] },
	} {
		e := towns(3, 4, 8, 1)
		e.Background = besideTowns(&e, 10)
		spoil(&e.Background)
		if _, err := Train(t.Context(), e, Config{}); !errors.Is(err, ErrBadExamples) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
