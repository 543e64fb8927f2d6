package routes

import (
	"errors"
	"io"
	"path"
	"strings"

	"github.com/semroute/semroute/internal/strictyaml"
)

// loading is one run of Load.
type loading struct {
	tree    tree
	checks  []func(*Catalog) Problems
	found   collector
	catalog Catalog
	// opened holds the files that were read, so that one named twice counts once.
	opened map[string]bool
	// unread says that a file could not be read, so that names may be missing.
	unread bool
	// once holds the top-level keys that may stand in one file only.
	once   map[string]Position
	names  map[string]map[string]Position // of models, routes, rules, budgets
	owners owners
	mentions
	overfull bool
	confined bool // to the folders of the files
	// fittedPlace is where the fit stands, fittedAt where its bounds of routes do,
	// sharesAt where the routes' shares of its reference do.
	fittedPlace Position
	fittedAt    []mention
	sharesAt    []mention
}

func newLoading(t tree) *loading {
	return &loading{
		tree:   t,
		opened: map[string]bool{},
		once:   map[string]Position{},
		names:  map[string]map[string]Position{},
		owners: owners{by: map[string]int32{}},
	}
}

// path reads a file, or all catalog files of a folder.
func (l *loading) path(name string) {
	info, err := l.tree.stat(name)
	if err != nil {
		l.unreadable(name, err)
		return
	}
	if !info.IsDir() {
		l.file(name)
		if fitted := fittedBeside(name); fitted != "" {
			if _, err := l.tree.stat(fitted); err == nil {
				l.file(fitted)
			}
		}
		return
	}
	l.folder(name)
}

func (l *loading) folder(dir string) {
	entries, err := l.tree.list(dir)
	if err != nil {
		l.unreadable(dir, err)
		return
	}
	before := len(l.opened)
	for _, entry := range entries {
		name := entry.Name()
		if entry.IsDir() || strings.HasPrefix(name, ".") || !isYAML(name) {
			continue
		}
		file := l.tree.join(dir, name)
		if l.confined {
			if err := l.tree.inside(dir, file); err != nil {
				l.found.Add(Position{File: file}, "%v", err)
				continue
			}
		}
		l.file(file)
	}
	if len(l.opened) == before {
		l.found.Add(Position{File: dir}, "the folder holds no .yaml or .yml file")
	}
}

func isYAML(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".yaml" || ext == ".yml"
}

func (l *loading) file(name string) {
	name = l.tree.join("", name)
	if l.opened[name] {
		return
	}
	l.opened[name] = true
	data, err := readWhole(l.tree, name, MaxCatalogBytes)
	if err != nil {
		l.unreadable(name, err)
		return
	}
	l.parse(name, data)
}

func (l *loading) unreadable(name string, err error) {
	l.unread = true
	l.found.Add(Position{File: name}, "%s", reason(err))
}

func (l *loading) parse(name string, data []byte) {
	problems := l.found.Count()
	v, ok := strictyaml.Parse(name, data, &l.found)
	if l.found.Count() > problems {
		l.unread = true
	}
	if ok {
		l.catalogFile(v)
	}
}

// lines reads an utterance file line by line.
func (l *loading) lines(name string, each func(at Position, line []byte)) (err error) {
	f, err := l.tree.open(name, MaxUtteranceFileBytes)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return eachLine(io.LimitReader(f, MaxUtteranceFileBytes), name, &l.found, each)
}

// tooMany notes once that the catalog holds too many utterances.
func (l *loading) tooMany(at Position) {
	if !l.overfull {
		l.found.Add(at, "a catalog holds at most %d utterances", MaxUtterances)
	}
	l.overfull = true
}

func (l *loading) finish() (*Catalog, error) {
	l.checkMentions()
	l.dropStale()
	if len(l.catalog.Routes) == 0 && l.found.Count() == 0 {
		at := Position{}
		for name := range l.opened {
			if at.File == "" || name < at.File {
				at.File = name
			}
		}
		l.found.Add(at, "the catalog is empty; give it at least one route under routes:")
	}
	runChecks(l.checks, &l.catalog, &l.found)
	if err := l.found.Err(); err != nil {
		return nil, err
	}
	l.warnOldFit()
	catalog := l.catalog // a copy: loading and all that it noted can go
	return &catalog, nil
}
