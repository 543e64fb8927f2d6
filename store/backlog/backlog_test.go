package backlog_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/semroute/semroute/store"
	"github.com/semroute/semroute/store/backlog"
)

// database keeps the decisions of records, fails as it is told, and refuses
// records of the route "poison".
type database struct {
	mu     sync.Mutex // protects the fields below
	kept   []string
	down   error
	writes int
}

func (d *database) Write(batch []*store.Record) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writes++
	if d.down != nil {
		return d.down
	}
	for _, r := range batch {
		if r.Route == "poison" {
			return &backlog.RefusedError{Err: errors.New("poison in " + r.Decision)}
		}
	}
	for _, r := range batch {
		d.kept = append(d.kept, r.Decision)
	}
	return nil
}

// is says what the database has come to.
func (d *database) is() (kept []string, writes int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.kept, d.writes
}

func (d *database) comesBack() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.down = nil
}

func (d *database) Prune() error { return nil }

func start(t *testing.T, d *database, config store.Config) *backlog.Backlog {
	t.Helper()
	config, err := config.WithDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return backlog.Start(config, nil, d)
}

func record(i int, route string) store.Record {
	return store.Record{Decision: fmt.Sprint(i), Route: route}
}

// TestRecordsWaitWhileTheDatabaseIsDown: none is lost, pauses grow, and the
// state says so until all is written.
func TestRecordsWaitWhileTheDatabaseIsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{down: errors.New("nobody answers")}
		b := start(t, d, store.Config{})
		b.Append(record(0, ""))
		time.Sleep(time.Minute)
		b.Append(record(1, ""))
		synctest.Wait()
		if got := b.Stats(); got.Failing != "nobody answers" || got.Waiting != 2 || got.Lost != 0 {
			t.Errorf("stats are %+v", got)
		}
		if _, writes := d.is(); writes < 10 || writes > 25 {
			t.Errorf("tried %d times within a minute", writes)
		}
		if err := b.Sync(context.Background()); err == nil || !strings.Contains(err.Error(), "nobody answers") {
			t.Errorf("Sync says %v", err)
		}
		d.comesBack()
		time.Sleep(6 * time.Second)
		kept, _ := d.is()
		if diff := cmp.Diff([]string{"0", "1"}, kept); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		if got := b.Stats(); got.Failing != "" || got.Waiting != 0 || got.WaitingBytes != 0 || got.Written != 2 {
			t.Errorf("stats are %+v", got)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
}

// TestOneThatIsRefusedKeepsNobodyFromTheRest.
func TestOneThatIsRefusedKeepsNobodyFromTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{}
		b := start(t, d, store.Config{})
		var want []string
		for i := range 20 {
			route := ""
			if i == 3 || i == 17 {
				route = "poison"
			} else {
				want = append(want, fmt.Sprint(i))
			}
			b.Append(record(i, route))
		}
		err := b.Sync(context.Background())
		if err == nil || !strings.Contains(err.Error(), "poison in 3") || !strings.Contains(err.Error(), "poison in 17") {
			t.Errorf("Sync says %v", err)
		}
		kept, _ := d.is()
		if diff := cmp.Diff(want, kept); diff != "" {
			t.Errorf("kept (-want +got):\n%s", diff)
		}
		if got := b.Stats(); got.Lost != 2 || got.Written != 18 || got.WaitingBytes != 0 || got.Failing != "" {
			t.Errorf("stats are %+v", got)
		}
		if err := b.Close(); err == nil || !strings.Contains(err.Error(), "2 records were lost: poison in 17") {
			t.Errorf("Close says %v", err)
		}
	})
}

// TestWhatIsLeftAtTheEndIsCounted, after one more attempt.
func TestWhatIsLeftAtTheEndIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &database{down: errors.New("nobody answers")}
		b := start(t, d, store.Config{Queue: 3})
		for i := range 5 {
			b.Append(record(i, ""))
		}
		synctest.Wait()
		if err := b.Close(); err == nil || !strings.Contains(err.Error(), "5 records were lost: nobody answers") {
			t.Errorf("Close says %v", err)
		}
		if got := b.Stats(); got.Lost != 5 || got.Waiting != 0 || got.WaitingBytes != 0 {
			t.Errorf("stats are %+v", got)
		}
		if err := b.Sync(context.Background()); !errors.Is(err, store.ErrClosed) {
			t.Errorf("Sync after Close: %v", err)
		}
	})
}
