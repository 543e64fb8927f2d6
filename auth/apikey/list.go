package apikey

import "context"

// List is a Source of keys that are all known, as those of a file are.
type List map[string]Key

var _ Source = List(nil)

// Key implements Source.
func (l List) Key(_ context.Context, prefix string) (Key, error) {
	k, ok := l[prefix]
	if !ok {
		return Key{}, ErrUnknown
	}
	return k, nil
}
