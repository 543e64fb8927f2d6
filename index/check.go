package index

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/semroute/semroute/internal/vec"
)

const (
	// MaxK bounds Query.K: more matches than this are a dump, for which
	// Entries is the call.
	MaxK = 65536
	// unitTolerance is how far the length of a vector may be from 1: far above
	// what float32 normalisation leaves, far below a forgotten one.
	unitTolerance = 1e-3
)

// CheckQuery says what makes q unusable for an index of this dimension, as
// ErrDimension or ErrInvalid; nil when nothing does.
func CheckQuery(q Query, dimension int) error {
	if q.K < 1 || q.K > MaxK {
		return fmt.Errorf("%w: K is %d, it must be from 1 to %d", ErrInvalid, q.K, MaxK)
	}
	if err := checkVector(q.Vector, dimension); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}

// CheckEntries says what makes entries unusable for an index of this
// dimension, as ErrDimension, ErrInvalid or ErrDuplicate with the place in the
// list; nil when nothing does.
func CheckEntries(entries []Entry, dimension int) error {
	seen := make(map[Key]struct{}, len(entries))
	for i, e := range entries {
		if err := CheckEntry(e, dimension); err != nil {
			return fmt.Errorf("entries[%d]: %w", i, err)
		}
		if _, twice := seen[e.Key]; twice {
			return fmt.Errorf("%w: entries[%d] repeats route %q, utterance %q", ErrDuplicate, i, e.Route, e.Utterance)
		}
		seen[e.Key] = struct{}{}
	}
	return nil
}

// CheckEntry says what makes e unusable for an index of this dimension, as
// ErrDimension or ErrInvalid; nil when nothing does.
func CheckEntry(e Entry, dimension int) error {
	if err := checkKey(e.Key); err != nil {
		return err
	}
	if err := checkVector(e.Vector, dimension); err != nil {
		return fmt.Errorf("route %q, utterance %q: %w", e.Route, e.Utterance, err)
	}
	return nil
}

// CheckKeys says which key is unusable, as ErrInvalid with its place in the
// list; nil when none is. A key may be listed twice.
func CheckKeys(keys []Key) error {
	for i, k := range keys {
		if err := checkKey(k); err != nil {
			return fmt.Errorf("keys[%d]: %w", i, err)
		}
	}
	return nil
}

func checkKey(k Key) error {
	switch {
	case k.Utterance == "":
		return fmt.Errorf("%w: the utterance of route %q is empty", ErrInvalid, k.Route)
	case !utf8.ValidString(k.Route):
		return fmt.Errorf("%w: route %q is not UTF-8", ErrInvalid, k.Route)
	case !utf8.ValidString(k.Utterance):
		return fmt.Errorf("%w: utterance %q is not UTF-8", ErrInvalid, k.Utterance)
	}
	return nil
}

func checkVector(v []float32, dimension int) error {
	if len(v) != dimension {
		return fmt.Errorf("%w: %d components, the index has %d", ErrDimension, len(v), dimension)
	}
	// A component that is not finite makes the product NaN or infinite.
	length := math.Sqrt(float64(vec.Dot(v, v)))
	if !(math.Abs(length-1) <= unitTolerance) {
		return fmt.Errorf("%w: the vector has length %v, it must be a unit vector", ErrInvalid, length)
	}
	return nil
}
