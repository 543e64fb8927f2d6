package load

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/semroute/semroute/bench/client"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Flood is a load that does not wait: calls start on schedule however many are in
// flight, and each has a deadline.
type Flood struct {
	Target      string
	Prompts     []string
	Rate        float64
	Duration    time.Duration
	Deadline    time.Duration
	Connections int
}

// Flooded is what came of it.
type Flooded struct {
	// Offered and Good are calls a second: those that were started, and those that
	// were answered in time.
	Offered, Good float64
	// Good of each tenth of a second, from the beginning.
	Tenths []int
	// P50 and P99 of the calls that were answered, from their start.
	P50, P99 time.Duration
	// ByCode counts all others.
	ByCode map[codes.Code]int
}

// tick is how often calls are started: several at once, where there are many.
const tick = time.Millisecond

// Run floods the server.
func (f Flood) Run(ctx context.Context) (Flooded, error) {
	var clients []semroutev1.RouterServiceClient
	for range f.Connections {
		conn, err := client.Connect(f.Target)
		if err != nil {
			return Flooded{}, err
		}
		defer func() { _ = conn.Close() }()
		clients = append(clients, semroutev1.NewRouterServiceClient(conn))
	}
	for _, c := range clients { // connected before the schedule begins
		if _, err := c.Route(ctx, client.Request(f.Prompts[0]), grpc.WaitForReady(true)); err != nil && status.Code(err) != codes.ResourceExhausted {
			return Flooded{}, err
		}
	}
	requests := client.Requests(f.Prompts)
	result := Flooded{ByCode: map[codes.Code]int{}, Tenths: make([]int, int(f.Duration/(time.Second/10))+1)}
	var took []time.Duration
	var mu sync.Mutex
	var calls sync.WaitGroup
	start, started := time.Now(), 0
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for elapsed := time.Duration(0); elapsed < f.Duration && ctx.Err() == nil; elapsed = time.Since(start) {
		for due := int(f.Rate * elapsed.Seconds()); started < due; started++ {
			number := started
			calls.Go(func() {
				began := time.Now()
				ctx, cancel := context.WithTimeout(ctx, f.Deadline)
				defer cancel()
				_, err := clients[number%len(clients)].Route(ctx, requests[number%len(requests)])
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					result.ByCode[status.Code(err)]++
					return
				}
				took = append(took, time.Since(began))
				if tenth := int(time.Since(start) / (time.Second / 10)); tenth < len(result.Tenths) {
					result.Tenths[tenth]++
				}
			})
		}
		<-ticker.C
	}
	lasted := time.Since(start).Seconds()
	calls.Wait()
	if len(took) == 0 {
		return result, errors.Join(ErrLoad, ctx.Err(), errors.New("no call was answered in time"))
	}
	slices.Sort(took)
	result.Offered, result.Good = float64(started)/lasted, float64(len(took))/lasted
	result.P50, result.P99 = took[len(took)/2], took[len(took)*99/100]
	return result, nil
}
