package qdrant

import (
	"context"
	"time"

	pb "github.com/qdrant/go-client/qdrant"

	"github.com/semroute/semroute/index"
)

// PointID is that of an entry's first revision.
func PointID(k index.Key) *pb.PointId { return pb.NewIDUUID(pointID(k, 0).String()) }

// Grace is how long what was removed stays.
const Grace = grace

// WithTexts holds the texts of at most n entries in process; -1 of none.
func (c Config) WithTexts(n int) Config {
	c.texts = n
	return c
}

// WithClock tells the time by now.
func (c Config) WithClock(now func() time.Time) Config {
	c.now = now
	return c
}

// Upkeep does what is done every five minutes; ago is when it was done last.
func (x *Index) Upkeep(ctx context.Context, ago time.Duration) error { return x.upkeep(ctx, ago) }
