package engine

import (
	"context"

	"github.com/semroute/semroute/routes"
)

// Open builds the first generation of a catalog and keeps it current in the
// background until Close. Where static vectors may stand in, a service that does
// not answer is no error: they do, and the state is Degraded until it answers.
func Open(ctx context.Context, catalog *routes.Catalog, c Config) (*Engine, error) {
	e := New(catalog, c)
	if err := e.Build(ctx); err != nil {
		if !c.Settings.DegradeToStatic || !MayPass(err) || ctx.Err() != nil {
			return nil, err
		}
		if err := e.standIn(ctx); err != nil {
			return nil, err
		}
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	e.stop = stop
	e.running.Go(func() {
		if err := e.Run(running); err != nil {
			e.config.Log.Error().Err(err).Msg("the generation is kept as it is")
			e.change(func(s *Status) { s.Err = err })
		}
	})
	return e, nil
}
