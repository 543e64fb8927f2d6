package routes

import (
	"maps"

	"github.com/semroute/semroute/internal/strictyaml"
)

// The kinds of names, as messages call them.
const (
	aModel  = "model"
	aRoute  = "route"
	aRule   = "rule"
	aBudget = "budget"
	anAlias = "alias"
)

// mention is a place that names a model or route. Names are looked up when all
// files are read, because they may be declared later.
type mention struct {
	kind string
	name string
	at   Position
	// by says who names it, for the message.
	by string
}

type mentions struct{ all []mention }

// declare notes that a name is taken, or complains if it was already.
func (l *loading) declare(kind, name string, at Position) {
	if l.names[kind] == nil {
		l.names[kind] = map[string]Position{}
	}
	if first, taken := l.names[kind][name]; taken {
		l.found.Add(at, "%s %s is declared twice, first at %s", kind, strictyaml.Quote(name), first)
		return
	}
	l.names[kind][name] = at
}

// mention reads the name of a model or route that must exist.
func (l *loading) mention(v value, kind, by string) (string, bool) {
	name, ok := readName(v, kind)
	if ok {
		l.all = append(l.all, mention{kind: kind, name: name, at: v.Place, by: by})
	}
	return name, ok
}

// mentioned reads a list of names, each once.
func (l *loading) mentioned(v value, what, kind, by string) []string {
	var names []string
	seen := map[string]bool{}
	v.List(what, func(item value) {
		name, ok := l.mention(item, kind, by)
		if !ok {
			return
		}
		if seen[name] {
			item.Bad("%s %s stands twice in %s", kind, strictyaml.Quote(name), what)
			return
		}
		seen[name] = true
		names = append(names, name)
	})
	return names
}

// maxComparisons bounds the search for near names: a catalog of thousands of
// wrong names gets hints for the first ones only.
const maxComparisons = 500_000

// checkMentions notes the names that nothing declares. Where a file could not
// be read they may be declared there, so nothing is noted.
func (l *loading) checkMentions() {
	if l.unread {
		return
	}
	known := map[string][]string{}
	for kind, names := range l.names {
		for name := range maps.Keys(names) {
			known[kind] = append(known[kind], name)
		}
	}
	compared := 0
	for _, m := range l.all {
		if _, ok := l.names[m.kind][m.name]; ok {
			continue
		}
		if l.found.Full() {
			l.found.Skip()
			continue
		}
		hint := ""
		if compared += len(known[m.kind]); compared <= maxComparisons {
			hint = strictyaml.Suggestion(m.name, known[m.kind])
		}
		l.found.Add(m.at, "%s names unknown %s %s%s", m.by, m.kind, strictyaml.Quote(m.name), hint)
	}
}
