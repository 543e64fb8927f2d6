package engine

import (
	"context"
	"errors"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// ErrNothingEarlier: there is no catalog before the one in place.
var ErrNothingEarlier = errors.New("there is no earlier catalog to return to")

// Replace builds a generation of another catalog and puts it in place, once the
// check of the configuration agrees. When it fails nothing changes: the one
// before goes on, with its catalog.
func (e *Engine) Replace(ctx context.Context, catalog *routes.Catalog) error {
	e.building.Lock()
	defer e.building.Unlock()
	if err := e.build(ctx, catalog, e.config.Check); err != nil {
		return err
	}
	if catalog.Fingerprint() != e.catalog.Fingerprint() {
		e.earlier = append(e.earlier, e.catalog)
	}
	e.earlier = e.earlier[max(0, len(e.earlier)-e.config.keep()):]
	e.catalog = catalog
	return nil
}

// Rollback returns to the catalog before the last Replace, and so on with every
// further call. What is kept of it is the catalog: vectors of utterances that
// only it has are made again. It fails with ErrNothingEarlier, or as Build does;
// then nothing changes.
func (e *Engine) Rollback(ctx context.Context) error {
	e.building.Lock()
	defer e.building.Unlock()
	last := len(e.earlier) - 1
	if last < 0 {
		return ErrNothingEarlier
	}
	if err := e.build(ctx, e.earlier[last], nil); err != nil {
		return err
	}
	e.catalog, e.earlier = e.earlier[last], e.earlier[:last]
	return nil
}

// defaultKeep is how many earlier catalogs are kept.
const defaultKeep = 2

func (c *Config) keep() int {
	if c.Keep == 0 {
		return defaultKeep
	}
	return max(0, c.Keep)
}

// Decider decides on the assembly's generation alone, whether or not it is in
// place.
func (a *Assembly) Decider() (*router.Router, error) {
	twin, err := router.NewGeneration(a.parts) // a generation can be put in place once only
	if err != nil {
		return nil, err
	}
	r := router.New(router.Config{})
	r.Swap(twin)
	return r, nil
}
