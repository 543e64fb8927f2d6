package main

import (
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/server/mapapi"
)

// newMaps draws what serves, with the prompts that found no route where they are kept.
func newMaps(local *engine.Engine, calls *calls) *mapapi.Service {
	if calls.ledger == nil {
		return mapapi.New(local, nil)
	}
	return mapapi.New(local, calls.ledger)
}
