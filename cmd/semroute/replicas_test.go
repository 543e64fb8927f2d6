package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/index/qdrant/qdranttest"
	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"github.com/semroute/semroute/store/postgres/postgrestest"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	replicaCount = 3
	// callCost is what a call comes to, in dollars: 10 tokens in, 2 out.
	callCost       = 0.02
	limitUSD       = 10.0
	replicaCallers = 6
	writers        = 2
	// agreeWithin is how long after the last kill all must serve the same.
	agreeWithin = 5 * time.Second
)

// replicasCatalog has one model behind a budget of all replicas together.
const replicasCatalog = `models:
  - name: near
    provider: ollama
    model: m
    base_url: NEAR
    price: {input_per_mtok: 1000, output_per_mtok: 5000}
routes:
  - name: refunds
    models: [near]
    utterances: [where is my refund, i was charged twice, give me my money back]
  - name: parcels
    models: [near]
    utterances: [track my parcel, when does my order arrive, the delivery is late]
fallback: {models: [near]}
budgets:
  - {name: ten, per: team, match: t, usd: 10, window: month}
`

// TestReplicasUnderKills lets three processes on one PostgreSQL and one index be
// killed at random while routes are changed and calls are made, and then asks:
// do all serve the same soon after the last kill, is every acknowledged change
// there, did the budget hold.
func TestReplicasUnderKills(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("REPLICAS_FOR"))
	if err != nil {
		t.Skip("takes minutes: `make replicas`, or set REPLICAS_FOR to a duration such as 40s")
	}
	f := newFleet(t, length)
	stop, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() { f.write(stop, w) })
	}
	for range replicaCallers {
		group.Go(func() { f.call(stop) })
	}
	f.killAtRandom(stop)
	last := time.Now() // of the last kill, and its process starts again now
	group.Wait()
	f.startAll()
	f.agree(last)
	f.checkHistory()
	f.checkBudget()
}

// fleet are the replicas and what was done to them.
type fleet struct {
	t        *testing.T
	length   time.Duration
	replicas []*replicaProcess
	upstream atomic.Int64 // calls that the model's server has answered
	kills    int
	cutOff   int64 // calls in flight when their replica was killed

	mu      sync.Mutex // protects the fields below
	acks    []ack
	answers map[codes.Code]int // to calls
}

// ack is a change that a replica said it has made.
type ack struct {
	text        string
	revision    int64
	begun, done time.Time
}

func newFleet(t *testing.T, length time.Duration) *fleet {
	t.Helper()
	f := &fleet{t: t, length: length, answers: map[codes.Code]int{}}
	near := forwardtest.NewServer(t, forwardtest.Ollama(), func(w forwardtest.Wire) {
		w.Send(w.Start(10), w.Piece("on its "), w.Piece("way"))
		time.Sleep(150 * time.Millisecond) // an answer takes its time
		f.upstream.Add(1)
		w.Send(w.End(10, 2))
	})
	catalog := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(catalog, []byte(strings.ReplaceAll(replicasCatalog, "NEAR", near.URL)), 0o600); err != nil {
		t.Fatal(err)
	}
	database := postgrestest.InSchema(postgrestest.URL(t), fmt.Sprintf("semroute_replicas_%d", time.Now().UnixNano()))
	vectors := qdranttest.New(t)
	for i := range replicaCount {
		r := newReplicaProcess(t, i, "serve", "--catalog", catalog, "--embedder", "static", "--source", "store", "--store", database,
			"--index", "qdrant", "--qdrant", vectors.Address(), "--log-level", "info")
		f.replicas = append(f.replicas, r)
	}
	f.startAll()
	for _, r := range f.replicas {
		f.eventually("it serves", func() bool { return r.status().GetState() == semroutev1.CatalogStatus_SERVING })
	}
	return f
}

func (f *fleet) startAll() {
	for _, r := range f.replicas {
		r.start()
	}
}

func (f *fleet) any() *replicaProcess { return f.replicas[rand.IntN(len(f.replicas))] }

// write adds utterances, each once, by whatever replica, and notes what was
// acknowledged.
func (f *fleet) write(ctx context.Context, writer int) {
	for n := 0; ctx.Err() == nil; n++ {
		a := ack{text: fmt.Sprintf("writer %d wants its money back for the %d. time", writer, n), begun: time.Now()}
		asked, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		got, err := f.any().catalog.AddUtterances(asked, &semroutev1.AddUtterancesRequest{Route: "refunds", Utterances: []string{a.text}})
		cancel()
		if err == nil {
			a.revision, a.done = got.GetApplied().GetRevision().GetNumber(), time.Now()
			f.mu.Lock()
			f.acks = append(f.acks, a)
			f.mu.Unlock()
		}
		rest(ctx, 300*time.Millisecond)
	}
}

// call makes calls as fast as spends the budget within most of the time.
func (f *fleet) call(ctx context.Context) {
	pace := time.Duration(0.3 * float64(f.length) / (limitUSD / callCost) * replicaCallers)
	for ctx.Err() == nil {
		start := time.Now()
		err := f.any().ask()
		f.told(status.Code(err))
		rest(ctx, pace-time.Since(start))
	}
}

func (f *fleet) told(code codes.Code) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[code]++
}

// killAtRandom kills one and starts it again, until ctx ends; the last one that
// it kills is started by the caller.
func (f *fleet) killAtRandom(ctx context.Context) {
	for {
		rest(ctx, time.Duration(500+rand.IntN(2000))*time.Millisecond)
		r := f.any()
		f.cutOff += r.kill()
		f.kills++
		if ctx.Err() != nil {
			return
		}
		rest(ctx, time.Duration(rand.IntN(1000))*time.Millisecond)
		r.start()
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(max(0, d))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

func (f *fleet) eventually(what string, holds func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); {
		if time.Now().After(deadline) {
			for _, r := range f.replicas {
				f.t.Logf("%s:\n%s", r.address, r.tail())
			}
			f.t.Fatalf("%s: not within a minute", what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// agree waits until all serve the newest revision, by the same generation.
func (f *fleet) agree(since time.Time) {
	var newest int64
	for _, a := range f.acks {
		newest = max(newest, a.revision)
	}
	f.eventually("all serve the same", func() bool {
		first := f.replicas[0].status()
		for _, r := range f.replicas {
			s := r.status()
			if s.GetState() != semroutev1.CatalogStatus_SERVING || s.GetRevision().GetNumber() < newest ||
				s.GetRevision().GetNumber() != first.GetRevision().GetNumber() || s.GetFingerprint() != first.GetFingerprint() {
				return false
			}
		}
		return true
	})
	took := time.Since(since).Round(time.Millisecond)
	f.t.Logf("agreement: %s after the last of %d kills, on revision %d", took, f.kills, f.replicas[0].status().GetRevision().GetNumber())
	if took > agreeWithin {
		f.t.Errorf("all agree %s after the last kill, want %s", took, agreeWithin)
	}
}

// checkHistory: what was acknowledged is there, each change has a revision of its
// own, and one that began after another was acknowledged came after it.
func (f *fleet) checkHistory() {
	got, err := f.replicas[0].catalog.ExportCatalog(f.t.Context(), &semroutev1.ExportCatalogRequest{})
	if err != nil {
		f.t.Fatal(err)
	}
	lost := 0
	of := map[int64]ack{}
	for _, a := range f.acks {
		if !strings.Contains(got.GetYaml(), a.text) {
			lost++
			f.t.Errorf("acknowledged as revision %d and lost: %s", a.revision, a.text)
		}
		if twin, twice := of[a.revision]; twice {
			f.t.Errorf("revision %d is of two changes: %q and %q", a.revision, a.text, twin.text)
		}
		of[a.revision] = a
	}
	for _, a := range f.acks {
		for _, b := range f.acks {
			if a.done.Before(b.begun) && a.revision >= b.revision {
				f.t.Errorf("%q, revision %d, was acknowledged before %q began, which became revision %d", a.text, a.revision, b.text, b.revision)
			}
		}
	}
	f.t.Logf("history: %d changes acknowledged, %d lost", len(f.acks), lost)
	if len(f.acks) == 0 {
		f.t.Error("no change was made: the test does not do what it says")
	}
}

// checkBudget: what the model's server has billed is at most the limit and the
// calls that were in flight, when the budget ran out and at each kill.
func (f *fleet) checkBudget() {
	billed := float64(f.upstream.Load()) * callCost
	inFlight := float64(replicaCallers+f.cutOff) * callCost
	f.t.Logf("budget: $%.2f billed of $%.2f; %d in flight at kills ($%.2f); calls were answered %v",
		billed, limitUSD, f.cutOff, float64(f.cutOff)*callCost, f.answers)
	if billed > limitUSD+inFlight {
		f.t.Errorf("$%.2f was billed of $%.2f; calls in flight account for $%.2f", billed, limitUSD, inFlight)
	}
	if f.upstream.Load() == 0 {
		f.t.Error("no call was made: the test does not do what it says")
	}
}
