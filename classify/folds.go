package classify

import (
	"context"
	"math/rand/v2"
	"sync"
)

// always marks an example that every fold trains on and none holds out.
const always = -1

// foldsFor is the number of folds of n examples.
func foldsFor(n int) int {
	const few = 2500
	if n <= few {
		return 6
	}
	return 4
}

// assignFolds deals the examples of each route out to the folds in random
// order, beginning with a random fold. A route of one example keeps it; so do
// examples without a route, which no fold trains on.
func assignFolds(labels []int32, routes, folds int, seed uint64) []int {
	rng := rand.New(rand.NewPCG(seed, 0xf01d5))
	members := make([][]int, routes)
	fold := make([]int, len(labels))
	for i, r := range labels {
		fold[i] = always
		if r != None {
			members[r] = append(members[r], i)
		}
	}
	for _, list := range members {
		if len(list) < 2 {
			continue
		}
		rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		first := rng.IntN(folds)
		for k, i := range list {
			fold[i] = (first + k) % folds
		}
	}
	return fold
}

// task is a part of the training that waits for no other of its round.
type task func(context.Context) error

// run does the tasks, at most workers at once, and returns the first error;
// after one, the rest are told to stop. done is called after each, one call at a
// time.
func run(ctx context.Context, workers int, tasks []task, done func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		wait  sync.WaitGroup
		lock  sync.Mutex
		first error
		next  int
	)
	take := func(err error, finished bool) task {
		lock.Lock()
		defer lock.Unlock()
		if finished {
			done()
		}
		if err != nil && first == nil {
			first = err
			cancel()
		}
		if first != nil || next == len(tasks) {
			return nil
		}
		next++
		return tasks[next-1]
	}
	for range min(workers, len(tasks)) {
		wait.Go(func() {
			for t := take(nil, false); t != nil; {
				t = take(t(ctx), true)
			}
		})
	}
	wait.Wait()
	return first
}

// spans splits n things into parts of at most size and makes a task of each.
func spans(n, size int, do func(from, to int)) []task {
	var tasks []task
	for a := 0; a < n; a += size {
		b := min(a+size, n)
		tasks = append(tasks, func(ctx context.Context) error {
			if ctx.Err() == nil {
				do(a, b)
			}
			return ctx.Err()
		})
	}
	return tasks
}
