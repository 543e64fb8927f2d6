package resilient

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semroute/semroute/embed"
)

func TestOpenWaitsForAServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var told int
		got, err := Open(t.Context(), func(context.Context) (string, error) {
			if time.Since(start) < time.Minute {
				return "", fmt.Errorf("%w: down", embed.ErrUnreachable)
			}
			return "open", nil
		}, func(failure error, pause time.Duration) {
			told++
			if !errors.Is(failure, embed.ErrUnreachable) || pause <= 0 || pause > longestPause*11/10 {
				t.Errorf("told of %v and a pause of %v", failure, pause)
			}
		})
		if err != nil || got != "open" {
			t.Fatalf("%q, %v", got, err)
		}
		if took := time.Since(start); took > time.Minute+longestPause*11/10 || told < 5 || told > 12 {
			t.Errorf("took %v, told %d times", took, told)
		}
	})
}

func TestOpenGivesUpWhereWaitingDoesNotHelp(t *testing.T) {
	for _, reason := range []error{embed.ErrModelMissing, errors.New("a bad address")} {
		tries := 0
		_, err := Open(t.Context(), func(context.Context) (int, error) { tries++; return 0, reason }, nil)
		if !errors.Is(err, reason) || tries != 1 {
			t.Errorf("%v after %d tries, want %v", err, tries, reason)
		}
	}
}

func TestOpenEndsWithItsContextAndSaysWhatItWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		_, err := Open(ctx, func(context.Context) (int, error) { return 0, embed.ErrUnreachable }, nil)
		if took := time.Since(start); took != 10*time.Second || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, embed.ErrUnreachable) {
			t.Errorf("%v after %v", err, took)
		}
		cancel()
		if _, err := Open(ctx, func(ctx context.Context) (int, error) { return 0, ctx.Err() }, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("ended before it began: %v", err)
		}
	})
}
