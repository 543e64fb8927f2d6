package lint

import (
	"cmp"
	"context"
	"runtime"
	"slices"

	"github.com/semroute/semroute/internal/vec"
	"golang.org/x/sync/errgroup"
)

const (
	// blockRows is how many rows are scored while they stay in the cache.
	blockRows = 512
	// maxNear is how many nearest rows are kept for each query.
	maxNear = 4
)

// near is a row close to a query.
type near struct {
	row        int
	similarity float32
}

// matrix gives vectors of one dimension by row, where they already lie.
type matrix struct {
	row func(i int) []float32
	dim int
	n   int
}

// block copies rows next to each other, which is how they are scored.
func (m *matrix) block(room []float32, from, to int) []float32 {
	room = room[:0]
	for i := from; i < to; i++ {
		room = append(room, m.row(i)...)
	}
	return room
}

// nearest gives for each query the up to maxNear most similar rows of m that
// reach the least similarity and are wanted, best first. All pairs are scored,
// block by block on all processors; only the near ones are kept.
func (m *matrix) nearest(ctx context.Context, queries *matrix, least float32, wanted func(query, row int) bool) ([][]near, error) {
	found := make([][]near, queries.n)
	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	group.SetLimit(workers)
	rooms := make(chan []float32, workers) // one a worker, used again
	for range workers {
		rooms <- nil
	}
	for from := 0; from < queries.n; from += blockRows {
		group.Go(func() error {
			scores, room := make([]float32, blockRows), <-rooms
			defer func() { rooms <- room }()
			for first := 0; first < m.n; first += blockRows {
				if err := ctx.Err(); err != nil {
					return err
				}
				last := min(m.n, first+blockRows)
				room = m.block(room, first, last)
				scores := scores[:last-first]
				for q := from; q < min(queries.n, from+blockRows); q++ {
					vec.DotRows(scores, room, m.dim, queries.row(q))
					for k, s := range scores {
						if s >= least && improves(found[q], s) && wanted(q, first+k) {
							found[q] = keepNear(found[q], near{row: first + k, similarity: s})
						}
					}
				}
			}
			return nil
		})
	}
	return found, group.Wait()
}

// improves says whether a later row of this similarity has a place in the list.
func improves(kept []near, similarity float32) bool {
	return len(kept) < maxNear || similarity > kept[maxNear-1].similarity
}

// keepNear inserts into a short list, best first; of equals the earlier row.
func keepNear(kept []near, n near) []near {
	at, _ := slices.BinarySearchFunc(kept, n, func(a, b near) int {
		return cmp.Or(cmp.Compare(b.similarity, a.similarity), a.row-b.row)
	})
	kept = slices.Insert(kept, at, n)
	return kept[:min(len(kept), maxNear)]
}
