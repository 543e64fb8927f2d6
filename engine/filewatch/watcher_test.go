package filewatch

import (
	"context"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"
)

func TestManyEventsAreToldOfOnceAndTheLastIsNeverLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		events, told := make(chan struct{}, 1), []time.Duration{}
		start := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		go coalesce(ctx, events, func() {
			told = append(told, time.Since(start))
			time.Sleep(time.Second) // reading takes its time
		})
		for range 5 { // an editor
			events <- struct{}{}
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(time.Second) // one more while it is read
		events <- struct{}{}
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(told) != 2 || told[0] != 40*time.Millisecond+quiet || told[1] < told[0]+time.Second {
			t.Errorf("told after %s", told)
		}
		told, start = nil, time.Now()
		for time.Since(start) < 10*time.Second { // never quiet
			select {
			case events <- struct{}{}:
			default:
			}
			time.Sleep(quiet / 2)
		}
		synctest.Wait()
		if len(told) < 3 || told[0] != longest {
			t.Errorf("where it never is quiet it is told after %s", told)
		}
		cancel()
		synctest.Wait()
	})
}

// watching is a watcher that counts what it tells.
type watching struct {
	*Watcher
	told atomic.Int64
}

func watch(t *testing.T, paths ...string) *watching {
	t.Helper()
	w := &watching{}
	var err error
	if w.Watcher, err = New(zerolog.Nop(), paths...); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx, func() { w.told.Add(1) }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return w
}

// want does something to the files and waits until it is told of.
func (w *watching) want(t *testing.T, what string, do func()) {
	t.Helper()
	before := w.told.Load()
	do()
	for range 1000 {
		if w.told.Load() > before {
			time.Sleep(2 * quiet) // what else comes of it belongs to it
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%s was not noticed", what)
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func write(t *testing.T, path string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(time.Now().String()), 0o600))
}

func TestWhatIsNoticed(t *testing.T) {
	t.Run("in a folder", func(t *testing.T) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "catalog")
		file, elsewhere := filepath.Join(dir, "a.yaml"), filepath.Join(parent, "more", "prompts.txt")
		write(t, file)
		write(t, elsewhere)
		w := watch(t, dir)
		w.Also([]string{elsewhere})
		w.want(t, "an edit in place", func() { write(t, file) })
		w.want(t, "an editor's rename", func() {
			write(t, filepath.Join(dir, ".a.yaml.swp"))
			must(t, os.Rename(filepath.Join(dir, ".a.yaml.swp"), file))
		})
		w.want(t, "an edit after the rename", func() { write(t, file) })
		w.want(t, "a new file", func() { write(t, filepath.Join(dir, "b.yml")) })
		w.want(t, "a file that is gone", func() { must(t, os.Remove(filepath.Join(dir, "b.yml"))) })
		w.want(t, "a file that is referred to", func() { write(t, elsewhere) })
		w.want(t, "another folder in its place", func() {
			write(t, filepath.Join(parent, "new", "a.yaml"))
			must(t, os.Rename(dir, filepath.Join(parent, "old")), os.Rename(filepath.Join(parent, "new"), dir))
		})
		w.want(t, "an edit in the other folder", func() { write(t, file) })
		w.want(t, "a folder that is gone", func() { must(t, os.RemoveAll(dir)) })
		w.want(t, "a folder that is there again", func() { write(t, file) })
		w.want(t, "an edit after it was gone", func() { write(t, file) })
	})
	t.Run("of a single file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "catalog.conf")
		write(t, file)
		w := watch(t, file)
		w.want(t, "an edit", func() { write(t, file) })
		w.want(t, "its fit", func() { write(t, filepath.Join(filepath.Dir(file), "catalog.fitted.yaml")) })
	})
	t.Run("of a config map", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "catalog")
		swap := func(name string) {
			write(t, filepath.Join(dir, name, "a.yaml"))
			must(t, os.Symlink(name, filepath.Join(dir, "..data_tmp")), os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
		}
		swap("..1")
		must(t, os.Symlink("..data/a.yaml", filepath.Join(dir, "a.yaml")))
		for name, path := range map[string]string{"the folder": dir, "a file": filepath.Join(dir, "a.yaml")} {
			w := watch(t, path)
			w.want(t, name+": the first swap", func() { swap("..2") })
			w.want(t, name+": the next swap", func() { swap("..3") })
		}
	})
	t.Run("behind a link", func(t *testing.T) {
		dir := t.TempDir()
		point := func(to string) {
			write(t, filepath.Join(dir, to, "catalog", "a.yaml"))
			link := filepath.Join(dir, "current")
			must(t, os.Symlink(to, link+".new"), os.Rename(link+".new", link))
		}
		point("r1")
		w := watch(t, filepath.Join(dir, "current", "catalog"))
		w.want(t, "another release", func() { point("r2") })
		w.want(t, "an edit in it", func() { write(t, filepath.Join(dir, "r2", "catalog", "a.yaml")) })
	})
}

func TestWhatIsNotOfTheCatalogIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.yaml")
	write(t, file)
	w := watch(t, file)
	for _, name := range []string{"calls.db", "calls.db-wal", "server.log", ".a.yaml.swp", ".hidden.yaml", "prompts.jsonl"} {
		write(t, filepath.Join(dir, name))
	}
	w.want(t, "the edit after them", func() {
		time.Sleep(2 * quiet)
		if n := w.told.Load(); n != 0 {
			t.Errorf("told %d times of files that are not the catalog's", n)
		}
		write(t, file)
	})
}

func TestLinksInACircleEnd(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	must(t, os.Symlink(b, a), os.Symlink(a, b))
	if s := lookAt([]string{filepath.Join(a, "x.yaml")}); !s.names[a] || !s.names[b] {
		t.Errorf("sight %+v", s)
	}
}
