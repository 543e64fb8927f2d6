package routes

import (
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/semroute/semroute/internal/strictyaml"
	"golang.org/x/text/unicode/norm"
)

// owner is where an utterance stands and whose it is; "" is none's.
type owner struct {
	route string
	at    Position
}

// owners are the owners of all utterances. A map of numbers grows at half the
// cost of a map of owners.
type owners struct {
	by  map[string]int32 // by identity: the place in all
	all []owner
}

// utterances takes the utterances of one route, or of none, and knows those of
// all others.
type utterances struct {
	load  *loading
	route string // "" for none
	texts []string
	at    []Position
	// given says that there were some, right or wrong.
	given bool
}

// Identity is what makes two utterances the same: their text without outer
// spaces and with accents composed.
func Identity(text string) string { return norm.NFC.String(strings.TrimSpace(text)) }

func (u *utterances) add(text string, at Position) {
	u.given = true
	found := &u.load.found
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		found.Add(at, "utterance is empty")
		return
	case len(trimmed) > MaxUtteranceBytes:
		found.Add(at, "utterance is %d bytes long but must be at most %d", len(trimmed), MaxUtteranceBytes)
		return
	case !utf8.ValidString(trimmed):
		found.Add(at, "utterance is not UTF-8")
		return
	}
	key := Identity(trimmed)
	owners := &u.load.owners
	if other, taken := owners.by[key]; taken {
		u.reportTaken(trimmed, at, owners.all[other])
		return
	}
	if len(owners.all) >= MaxUtterances {
		u.load.tooMany(at)
		return
	}
	owners.by[key] = int32(len(owners.all))
	owners.all = append(owners.all, owner{route: u.route, at: at})
	u.texts = append(u.texts, trimmed)
	u.at = append(u.at, at)
}

func (u *utterances) reportTaken(text string, at Position, other owner) {
	if u.load.found.Full() {
		u.load.found.Skip()
		return
	}
	switch other.route {
	case u.route:
		u.load.found.Add(at, "duplicate utterance %s in %s, first at %s", strictyaml.Quote(text), holder(u.route), other.at)
	default:
		u.load.found.Add(at, "utterance %s of %s stands in %s too, at %s; keep it in one of them",
			strictyaml.Quote(text), holder(u.route), holder(other.route), other.at)
	}
}

// holder names a route, or none, in a message.
func holder(route string) string {
	if route == "" {
		return "none"
	}
	return "route " + strictyaml.Quote(route)
}

// inline reads a list of utterances out of the catalog itself.
func (u *utterances) inline(what string) func(value) {
	return func(v value) {
		v.List(what, func(item value) {
			if item.Kind() == "empty" {
				item.Bad("utterance is empty")
			} else if text, ok := item.Text("utterance"); ok {
				u.add(text, item.Place)
			}
		})
	}
}

// files reads a list of utterance files.
func (u *utterances) files(what string) func(value) {
	return func(v value) {
		v.List(what, func(item value) {
			if name, ok := item.Text("utterance file"); ok {
				u.file(item, name)
			}
		})
	}
}

func (u *utterances) file(v value, name string) {
	var read func(at Position, line []byte)
	switch strings.ToLower(path.Ext(name)) {
	case ".txt":
		read = func(at Position, line []byte) { u.add(string(line), at) }
	case ".jsonl":
		read = u.jsonLine
	default:
		v.Bad("utterance file %s must end in .txt or .jsonl", strictyaml.Quote(name))
		return
	}
	file := u.load.tree.beside(v.File(), name)
	if u.load.confined {
		if err := u.load.tree.inside(filepath.Dir(v.File()), file); err != nil {
			v.Bad("utterance file %s: %v", strictyaml.Quote(name), err)
			return
		}
	}
	if err := u.load.lines(file, read); err != nil {
		v.Bad("utterance file %s: %s", strictyaml.Quote(name), reason(err))
	}
}

func (u *utterances) jsonLine(at Position, line []byte) {
	var entry struct {
		Text  *string `json:"text"`
		Route *string `json:"route"`
	}
	if !parseLine(at, line, &entry, &u.load.found) {
		return
	}
	switch {
	case entry.Text == nil:
		u.load.found.Add(at, `text is missing; a line is {"text": "..."}`)
	case entry.Route != nil && *entry.Route != u.route:
		u.load.found.Add(at, "route is %s, but this file belongs to %s", strictyaml.Quote(*entry.Route), holder(u.route))
	default:
		u.add(*entry.Text, at)
	}
}
