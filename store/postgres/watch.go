package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// pollEvery is how often the head is asked for where no notification comes.
	pollEvery = time.Second
	// reconnectAfter is how long a watcher waits after its connection broke.
	reconnectAfter = 250 * time.Millisecond
)

// channel is where new revisions are told of.
func (r *Reader) channel() string { return fmt.Sprintf("semroute_%x", uint64(r.key("revisions"))) } // #nosec G115 -- its bits

// WatchRevisions implements store.Revisions. It has a connection of its own.
func (r *Reader) WatchRevisions(ctx context.Context, tell func(head int64)) {
	ctx, cancel := r.whileOpen(ctx)
	defer cancel()
	told := int64(-1)
	for ctx.Err() == nil {
		_ = r.watch(ctx, func(head int64) { // a connection that breaks is made anew
			if head != told {
				told = head
				tell(head)
			}
		})
		pause(ctx, reconnectAfter)
	}
}

// whileOpen is a context that also ends when the store is closed.
func (r *Reader) whileOpen(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(r.open, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// dial makes a connection beside the pool's.
func (r *Reader) dial(ctx context.Context) (*pgx.Conn, error) {
	return pgx.ConnectConfig(ctx, r.pool.Config().ConnConfig)
}

// hangUp ends a connection, also one that does not answer.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// watch gives the head on one connection until that breaks.
func (r *Reader) watch(ctx context.Context, see func(head int64)) error {
	conn, err := r.dial(ctx)
	if err != nil {
		return err
	}
	defer hangUp(conn)
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{r.channel()}.Sanitize()); err != nil {
		return err
	}
	for {
		head, err := headOf(ctx, conn)
		if err != nil {
			return err
		}
		see(head)
		wait, cancel := context.WithTimeout(ctx, pollEvery)
		_, err = conn.WaitForNotification(wait)
		late := wait.Err() != nil // no notification: ask all the same
		cancel()
		if err != nil && (!late || ctx.Err() != nil) {
			return err
		}
	}
}

func headOf(ctx context.Context, conn *pgx.Conn) (head int64, err error) {
	short, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	err = conn.QueryRow(short, "SELECT coalesce(max(number), 0) FROM revisions").Scan(&head)
	return head, err
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
