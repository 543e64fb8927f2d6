package main

import (
	"context"
	"fmt"
	"os"

	"github.com/google/uuid"
	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/engine/replica"
	"github.com/semroute/semroute/engine/revision"
)

// takeTurns has builds into a shared index wait for those of other replicas,
// where there is a store to agree by.
func (c *calls) takeTurns(config *engine.Config) {
	if c.ledger != nil {
		config.Alone = replica.Alone(c.ledger, config.Log)
	}
}

// beAReplica says to the others what this process searches, until ctx ends.
func (c *calls) beAReplica(ctx context.Context, local *engine.Engine, source *revision.Source, config engine.Config) {
	if c.ledger == nil {
		return
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	replica.Run(ctx, c.ledger, local, replica.Config{
		Name: fmt.Sprintf("%.200s/%d/%s", host, os.Getpid(), uuid.NewString()), // the number alone comes again in containers
		Revision: func() int64 {
			_, now := source.Now()
			return now.Number
		},
		Log: config.Log,
	})
}
