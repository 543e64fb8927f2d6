package routes

import (
	"io/fs"
	"slices"
)

// Loader reads catalogs. The zero value is ready to use.
type Loader struct {
	// Checks look at a catalog that was read and say what else is wrong with it,
	// so that it is reported with all other problems. What they are given may lack
	// whatever could not be read.
	Checks []func(*Catalog) Problems
	// CacheDir is a folder that keeps large catalogs as they were read, so that
	// the next Load of the same files need not parse them; "" keeps nothing. It
	// changes neither the catalog nor what is reported.
	CacheDir string
	// Confined refuses files that a catalog names outside of its own folder, by
	// "..", an absolute path or links, and files of a catalog's folder that are
	// links out of it.
	Confined bool
}

// Load reads and merges catalog files of the machine. A path is a file or a
// folder; of a folder, all *.yaml and *.yml files are read, sorted by name,
// hidden files and subfolders left out. For a file NAME.yaml, NAME.fitted.yaml
// beside it is read too if it exists.
//
// An error is a Problems with everything that is wrong.
func (l Loader) Load(paths ...string) (*Catalog, error) {
	if l.CacheDir == "" {
		return l.load(machine{}, paths)
	}
	file, err := snapshotPath(l.CacheDir, l.kind(paths))
	if err != nil {
		return l.load(machine{}, paths)
	}
	binary := thisBinary()
	if kept := fromSnapshot(file, binary); kept != nil {
		return l.checked(kept)
	}
	files := &recorder{}
	catalog, err := l.load(files, paths)
	if err == nil && files.bytes >= minSnapshotBytes {
		keepSnapshot(file, binary, files.inputs, catalog)
	}
	return catalog, err
}

// kind keeps snapshots apart of what was confined and of what was not.
func (l Loader) kind(paths []string) []string {
	if l.Confined {
		return append(slices.Clip(paths), "confined\x00")
	}
	return paths
}

// checked gives a catalog that was read without a problem to the checks.
func (l Loader) checked(c *Catalog) (*Catalog, error) {
	var found collector
	runChecks(l.Checks, c, &found)
	if err := found.Err(); err != nil {
		return nil, err
	}
	return c, nil
}

func runChecks(checks []func(*Catalog) Problems, c *Catalog, found *collector) {
	for _, check := range checks {
		for _, p := range check(c) {
			found.Add(p.Position, "%s", p.Message)
		}
	}
}

// LoadFS is Load on the files of fsys.
func (l Loader) LoadFS(fsys fs.FS, paths ...string) (*Catalog, error) {
	return l.load(within{fsys}, paths)
}

// Load is that of the zero Loader.
func Load(paths ...string) (*Catalog, error) { return Loader{}.Load(paths...) }

// LoadFS is that of the zero Loader.
func LoadFS(fsys fs.FS, paths ...string) (*Catalog, error) { return Loader{}.LoadFS(fsys, paths...) }

// Parse reads one catalog file from memory; name stands for it in messages. It
// can refer to no other files.
func (l Loader) Parse(name string, data []byte) (*Catalog, error) {
	run := newLoading(nowhere{})
	run.checks = l.Checks
	run.parse(name, data)
	return run.finish()
}

// Parse is that of the zero Loader.
func Parse(name string, data []byte) (*Catalog, error) { return Loader{}.Parse(name, data) }

func (l Loader) load(t tree, paths []string) (*Catalog, error) {
	run := newLoading(t)
	run.checks, run.confined = l.Checks, l.Confined
	if len(paths) == 0 {
		run.found.Add(Position{}, "no catalog is named")
	}
	for _, p := range paths {
		run.path(p)
	}
	return run.finish()
}
