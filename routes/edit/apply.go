package edit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/semroute/semroute/routes"
)

// Editor applies changes. The zero value is ready to use.
type Editor struct {
	// Checks are those of routes.Loader.
	Checks []func(*routes.Catalog) routes.Problems
}

// name stands for a changed catalog in messages.
const name = "catalog"

// Result is a changed catalog.
type Result struct {
	Catalog *routes.Catalog
	// YAML is what Catalog was read from: one file that holds all of it.
	YAML []byte
}

// Apply makes another catalog of base, which stays as it is. Etags are held
// against base. The error is a Problems, a RouteError, or one that says that the
// result cannot be written.
func (e Editor) Apply(base *routes.Catalog, changes []Change) (Result, error) {
	d := newDraft(base, e)
	for i, change := range changes {
		if err := d.apply(i, change); err != nil {
			return Result{}, err
		}
	}
	if len(d.found) > 0 {
		return Result{}, d.found
	}
	result, err := e.whole(&d.catalog)
	var problems routes.Problems
	if errors.As(err, &problems) {
		return Result{}, d.located(result.YAML, problems)
	}
	return result, err
}

// Validate holds a catalog to its rules; the error is a routes.Problems.
func (e Editor) Validate(data []byte) (*routes.Catalog, error) {
	return routes.Loader{Checks: e.Checks}.Parse(name, data)
}

// Whole is a catalog as it is kept: written, and read back.
func (e Editor) Whole(c *routes.Catalog) (Result, error) { return e.whole(c) }

func (e Editor) whole(c *routes.Catalog) (Result, error) {
	data, err := written(c)
	if err != nil {
		return Result{}, err
	}
	catalog, err := e.Validate(data)
	if err != nil {
		return Result{YAML: data}, err
	}
	// Reading takes away what means nothing, as spaces around an utterance: what is
	// kept is what the catalog that was read is written as.
	if data, err = written(catalog); err != nil {
		return Result{}, err
	}
	return Result{Catalog: catalog, YAML: data}, nil
}

// written is the YAML of a catalog that is not too large to be changed here.
func written(c *routes.Catalog) ([]byte, error) {
	var out bytes.Buffer
	if err := routes.WriteCatalog(&out, c); err != nil {
		return nil, fmt.Errorf("writing the catalog: %w", err)
	}
	if out.Len() > routes.MaxCatalogBytes {
		return nil, Problems{{Change: -1, Message: fmt.Sprintf(
			"the catalog would be %d bytes of YAML; at most %d can be changed here, larger ones are kept in files", out.Len(), routes.MaxCatalogBytes)}}
	}
	return out.Bytes(), nil
}

// draft is a catalog on its way.
type draft struct {
	editor  Editor
	base    *routes.Catalog
	catalog routes.Catalog
	at      map[string]int    // of each route in catalog.Routes
	owners  map[string]string // of each utterance's identity; made when it is needed
	touched map[string]*source
	found   Problems
}

// source says which change brought what of a route.
type source struct {
	put int // the change that put the route; -1 for none
	// texts are the origins of its utterances, those from before left out at the
	// beginning.
	texts []origin
	kept  int // utterances from before
}

// origin is a place in the list of a change.
type origin struct{ change, index int }

func newDraft(base *routes.Catalog, e Editor) *draft {
	d := &draft{editor: e, base: base, touched: map[string]*source{}}
	d.begin(base)
	return d
}

// begin takes a catalog, without a word of where it came from.
func (d *draft) begin(c *routes.Catalog) {
	d.catalog = *c
	d.catalog.Routes = slices.Clone(c.Routes)
	d.catalog.NoneAt, d.catalog.Warnings = nil, nil
	d.at, d.owners = make(map[string]int, len(c.Routes)), nil
	for i := range c.Routes {
		d.at[c.Routes[i].Name] = i
	}
}

func (d *draft) apply(i int, c Change) error {
	switch {
	case c.Put != nil:
		return d.put(i, c.Put)
	case c.Delete != nil:
		return d.remove(i, c.Delete)
	case c.Add != nil:
		return d.add(i, c.Add)
	case c.Remove != nil:
		return d.take(i, c.Remove)
	case c.Replace != nil:
		return d.replace(i, c.Replace)
	}
	d.bad(i, "", "the change says nothing")
	return nil
}

func (d *draft) bad(change int, field, format string, args ...any) {
	d.found = append(d.found, Problem{Change: change, Field: field, Message: fmt.Sprintf(format, args...)})
}

// expect holds an etag against the route as it was before all changes.
func (d *draft) expect(change int, route, etag string) error {
	if etag == "" {
		return nil
	}
	have := ""
	for i := range d.base.Routes {
		if d.base.Routes[i].Name == route {
			have = Etag(&d.base.Routes[i])
		}
	}
	if have == etag {
		return nil
	}
	return &RouteError{Change: change, Route: route, Etag: have, Err: ErrStale}
}

// missing says that there is no such route.
func (d *draft) missing(change int, route string) error {
	names := make([]string, 0, len(d.at))
	for n := range d.at {
		names = append(names, n)
	}
	slices.Sort(names)
	near, _ := routes.Nearest(route, names)
	return &RouteError{Change: change, Route: route, Near: near, Err: ErrNoRoute}
}
