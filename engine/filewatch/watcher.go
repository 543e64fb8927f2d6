// Package filewatch tells when a catalog's files may have become others: after an
// edit in place, an editor's rename, a new file in a folder, or a link that leads
// elsewhere, as those of Kubernetes' config maps do.
//
// It promises to tell at least once after the last change, and not for every
// single one of many. It reads no file: whether anything is different is for whoever
// reads them to find out. Folders without notification, such as network mounts,
// stay silent.
package filewatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/fsnotify/fsnotify"
	"github.com/rs/zerolog"
)

// Watcher watches the files and folders of a catalog. Its methods are safe for
// concurrent use.
type Watcher struct {
	notify *fsnotify.Watcher
	log    zerolog.Logger
	paths  []string

	mu      sync.Mutex // protects the fields below
	also    []string
	sight   sight
	refused map[string]bool // folders that cannot be watched, of which was told
}

// New watches the paths from now on; Run says what happens, and ends it.
func New(log zerolog.Logger, paths ...string) (*Watcher, error) {
	notify, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watching files: %w", err)
	}
	w := &Watcher{notify: notify, log: log, refused: map[string]bool{}}
	for _, p := range paths {
		absolute, err := filepath.Abs(p)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("watching %s: %w", p, err), notify.Close())
		}
		w.paths = append(w.paths, absolute)
	}
	w.look()
	return w, nil
}

// Also watches other files too, in place of those named before: those that
// a catalog refers to.
func (w *Watcher) Also(files []string) {
	w.mu.Lock()
	w.also = nil
	for _, file := range files {
		if absolute, err := filepath.Abs(file); err == nil {
			w.also = append(w.also, absolute)
		}
	}
	w.mu.Unlock()
	w.look()
}

// Run calls changed, one call at a time, whenever files have changed and then been
// left alone for a moment, until ctx ends.
func (w *Watcher) Run(ctx context.Context, changed func()) error {
	events := make(chan struct{}, 1)
	ctx, cancel := context.WithCancel(ctx)
	var pumping sync.WaitGroup
	pumping.Go(func() { w.pump(ctx, events) })
	coalesce(ctx, events, func() {
		w.look() // first, so that nothing happens unseen in a folder that is new
		changed()
	})
	cancel()
	pumping.Wait()
	return w.Close()
}

// Close ends the watching; Run does so too.
func (w *Watcher) Close() error { return w.notify.Close() }

// pump passes on that something has happened, until ctx ends.
func (w *Watcher) pump(ctx context.Context, events chan<- struct{}) {
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-w.notify.Events:
			if !w.concerns(event.Name) {
				continue
			}
		case err := <-w.notify.Errors: // too many at once, at worst: then look at everything
			w.log.Warn().Err(err).Msg("watching the catalog's files")
		}
		select {
		case events <- struct{}{}:
		default: // it is known already
		}
	}
}

// concerns says whether what happened to a file may have changed the catalog.
func (w *Watcher) concerns(name string) bool {
	base := filepath.Base(name)
	if strings.HasPrefix(base, "..") { // Kubernetes' links
		return true
	}
	ext := strings.ToLower(filepath.Ext(base))
	if !strings.HasPrefix(base, ".") && (ext == ".yaml" || ext == ".yml") {
		return true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sight.names[name]
}

// look watches the folders in which something can happen now, and no others.
func (w *Watcher) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sight = lookAt(slices.Concat(w.paths, w.also))
	watched := w.notify.WatchList()
	for _, folder := range watched {
		if !w.sight.folders[folder] {
			_ = w.notify.Remove(folder) // it may be gone already
		}
	}
	for folder := range w.sight.folders {
		// One that is watched is added again: another may lie there under its name.
		err := w.notify.Add(folder)
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !w.refused[folder] {
			w.refused[folder] = true
			w.log.Warn().Err(err).Str("folder", folder).Msg("changes in this folder are not noticed; SIGHUP has the catalog read again")
		}
	}
}
