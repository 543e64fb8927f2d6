package classify

import (
	"errors"
	"fmt"
	"math"
	"runtime"
)

// None is the label of an example that no route fits, and the route of a
// verdict without one.
const None int32 = -1

// The errors of Train. They are wrapped with what was wrong and where.
var (
	ErrNoExamples  = errors.New("classify: no examples")
	ErrBadExamples = errors.New("classify: bad examples")
)

// Examples are the labelled utterances to learn from.
type Examples struct {
	// Routes are the names, in the order that labels count. Their number is at
	// least one.
	Routes []string
	// NameVectors are the vectors of the route names as Words spells them, or
	// nil. With few utterances a name is worth about as much as one of them.
	NameVectors [][]float32
	// Texts, Labels and Vectors have one entry an utterance. A label is an index
	// into Routes or None. Vectors are of unit length (or zero) and of one
	// dimension.
	Texts   []string
	Labels  []int32
	Vectors [][]float32
	// Background says how prompts look that are about something else; it may be
	// empty.
	Background Background
}

// Background is ordinary prompts on many subjects. Those that resemble the
// examples, and subjects that largely do, are left out by Train, so one
// background serves every catalog.
type Background struct {
	// Texts, Subjects and Vectors have one entry a prompt. Subjects number what
	// prompts are about, from 0.
	Texts    []string
	Subjects []int32
	Vectors  [][]float32
}

// Config says how to train. The zero value is good.
type Config struct {
	// Key names what is trained on; it changes nothing and stays with the model,
	// so that a model that was kept is known again.
	Key  string
	Seed uint64 // of folds and the order of visits
	// Folds are the held-out parts of the examples, 2 to 100; 0 means 4, and 6 of
	// few examples: the more parts, the less a fit without one of them differs
	// from that with all, by which prompts are decided.
	Folds   int
	Workers int // fits that run at once; 0 means GOMAXPROCS
	// Foreign is how many prompts of the background every prompt is compared with
	// when it is decided whether it is known, at most maxForeign; 0 compares none.
	Foreign int
	// Progress, if set, is called now and then with the share done, from one
	// goroutine at a time.
	Progress func(stage string, done float64)
}

// withDefaults fills what was left out.
func (c Config) withDefaults() (Config, error) {
	if c.Folds != 0 && c.Folds < 2 || c.Folds > 100 {
		return c, fmt.Errorf("%w: %d folds; 2 to 100 are possible", ErrBadExamples, c.Folds)
	}
	if c.Foreign < 0 || c.Foreign > maxForeign {
		return c, fmt.Errorf("%w: comparing with %d prompts of the background; 0 to %d are possible", ErrBadExamples, c.Foreign, maxForeign)
	}
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	if c.Progress == nil {
		c.Progress = func(string, float64) {}
	}
	return c, nil
}

// check refuses what training cannot use.
func (e *Examples) check() error {
	n := len(e.Texts)
	if len(e.Routes) == 0 || n == 0 {
		return ErrNoExamples
	}
	if len(e.Labels) != n || len(e.Vectors) != n {
		return fmt.Errorf("%w: %d texts, %d labels, %d vectors", ErrBadExamples, n, len(e.Labels), len(e.Vectors))
	}
	if e.NameVectors != nil && len(e.NameVectors) != len(e.Routes) {
		return fmt.Errorf("%w: %d routes, %d name vectors", ErrBadExamples, len(e.Routes), len(e.NameVectors))
	}
	if err := e.checkLabels(); err != nil {
		return err
	}
	b := &e.Background
	if len(b.Subjects) != len(b.Texts) || len(b.Vectors) != len(b.Texts) {
		return fmt.Errorf("%w: background of %d texts, %d subjects, %d vectors", ErrBadExamples, len(b.Texts), len(b.Subjects), len(b.Vectors))
	}
	for i, subject := range b.Subjects {
		if subject < 0 || int(subject) >= len(b.Texts) {
			return fmt.Errorf("%w: subject %d of background prompt %d", ErrBadExamples, subject, i)
		}
	}
	dim := len(e.Vectors[0])
	if dim == 0 {
		return fmt.Errorf("%w: vectors of no dimension", ErrBadExamples)
	}
	for kind, vectors := range map[string][][]float32{
		"utterance": e.Vectors, "route name": e.NameVectors, "background prompt": b.Vectors,
	} {
		for i, v := range vectors {
			if err := checkVector(v, dim); err != nil {
				return fmt.Errorf("%w: vector of %s %d: %w", ErrBadExamples, kind, i, err)
			}
		}
	}
	return nil
}

// checkLabels wants every label known and every route used.
func (e *Examples) checkLabels() error {
	used := make([]bool, len(e.Routes))
	for i, label := range e.Labels {
		if label < None || int(label) >= len(e.Routes) {
			return fmt.Errorf("%w: label %d of utterance %d, with %d routes", ErrBadExamples, label, i, len(e.Routes))
		}
		if label != None {
			used[label] = true
		}
	}
	for r, ok := range used {
		if !ok {
			return fmt.Errorf("%w: route %q has no utterance", ErrBadExamples, e.Routes[r])
		}
	}
	return nil
}

// checkVector wants dim finite numbers, of no more than unit length (with room
// for rounding).
func checkVector(v []float32, dim int) error {
	if len(v) != dim {
		return fmt.Errorf("dimension %d, want %d", len(v), dim)
	}
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	if math.IsNaN(square) || square > 1.01 {
		return fmt.Errorf("squared length %v, want 1", square)
	}
	return nil
}
