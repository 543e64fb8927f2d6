package lines

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

// out notes what arrives, write by write.
type out struct {
	mu     sync.Mutex
	writes []string
	err    error
}

func (o *out) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writes = append(o.writes, string(b))
	return len(b), o.err
}

func (o *out) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.writes, "")
}

func TestLinesGoOutTogetherWithinAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &out{}
		w := NewWriter(to)
		for i := range 3 {
			if _, err := fmt.Fprintf(w, "line %d\n", i); err != nil {
				t.Fatal(err)
			}
		}
		if got := to.text(); got != "" {
			t.Errorf("at once came %q", got)
		}
		time.Sleep(moment)
		synctest.Wait()
		if len(to.writes) != 1 || to.text() != "line 0\nline 1\nline 2\n" {
			t.Errorf("after a moment: %q", to.writes)
		}
		_, _ = w.Write([]byte("later\n"))
		time.Sleep(moment)
		synctest.Wait()
		if len(to.writes) != 2 {
			t.Errorf("a later line did not go out: %q", to.writes)
		}
	})
}

func TestWarningsGoOutAtOnceWithAllBefore(t *testing.T) {
	to := &out{}
	log := zerolog.New(NewWriter(to))
	log.Info().Msg("calm")
	if to.text() != "" {
		t.Fatal("a calm line went out at once")
	}
	log.Warn().Msg("trouble")
	if got := to.text(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "calm") {
		t.Errorf("with the warning came %q", got)
	}
}

func TestMuchGoesOutBeforeItsMoment(t *testing.T) {
	to := &out{}
	w := NewWriter(to)
	line := bytes.Repeat([]byte("x"), 1000)
	for range full / len(line) {
		_, _ = w.Write(line)
	}
	if to.text() != "" {
		t.Error("it went out before it was full")
	}
	_, _ = w.Write(line)
	if got := len(to.text()); got < full {
		t.Errorf("%d bytes went out, want %d", got, full)
	}
}

func TestCloseLosesNothing(t *testing.T) {
	to := &out{}
	w := NewWriter(to)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 500 {
				_, _ = fmt.Fprintf(w, "%d-%d\n", i, j)
			}
		})
	}
	all.Wait()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Count(to.text(), "\n"); got != 8*500 {
		t.Errorf("%d lines arrived, want %d", got, 8*500)
	}
}

func TestFailedWritesAreToldOnce(t *testing.T) {
	broken := errors.New("broken")
	to := &out{err: broken}
	w := NewWriter(to)
	_, _ = w.Write([]byte("lost\n"))
	if err := w.Close(); !errors.Is(err, broken) {
		t.Errorf("Close says %v", err)
	}
	if _, err := w.Write([]byte("next\n")); err != nil {
		t.Errorf("the next line is told %v", err)
	}
}
