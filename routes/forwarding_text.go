package routes

import (
	"bytes"
	"reflect"

	"github.com/goccy/go-yaml"
	"github.com/semroute/semroute/internal/strictyaml"
)

// ParseForwarding reads the keys of a route that say how one of its models is
// chosen and called (strategy, weights, cascade…), as they stand in a catalog;
// name stands for the text in messages. Of the route it looks at name and models;
// models are the catalog's. An error is a Problems.
func ParseForwarding(name string, data []byte, of *Route, models []string) (Forwarding, error) {
	l := newLoading(nowhere{})
	r := Route{Name: of.Name, Models: of.Models}
	for _, m := range models {
		l.declare(aModel, m, Position{})
	}
	v, ok := strictyaml.Parse(name, data, &l.found)
	if ok {
		reader := &forwardingReader{load: l, route: &r, by: holder(r.Name)}
		if readMapping(v, "a route's policy", reader.fields()...) {
			reader.check(v)
			l.checkMentions()
		}
	}
	return r.Forwarding, l.found.Err()
}

// WriteForwarding is the text that ParseForwarding reads; empty for the zero
// value.
func WriteForwarding(f Forwarding) ([]byte, error) {
	if reflect.ValueOf(f).IsZero() {
		return nil, nil
	}
	var b bytes.Buffer
	err := yaml.NewEncoder(&b, writeOptions()...).Encode(f)
	return b.Bytes(), err
}
