package lint

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/semroute/semroute/routes"
)

// FindingKind says what was found.
type FindingKind string

// The kinds of findings.
const (
	// KindConflict: the same utterance stands in several routes.
	KindConflict FindingKind = "conflict"
	// KindDuplicate: the same utterance stands in one route more than once.
	KindDuplicate FindingKind = "duplicate"
	// KindNearDuplicate: almost the same utterance stands in another route.
	KindNearDuplicate FindingKind = "near_duplicate"
	// KindOutlier: the rest of its route disagrees with an utterance.
	KindOutlier FindingKind = "outlier"
	// KindThin: a route has too few utterances.
	KindThin FindingKind = "thin_route"
	// KindUnbalanced: a route has far fewer or more utterances than the others.
	KindUnbalanced FindingKind = "unbalanced_route"
	// KindConfused: two routes cannot be told apart.
	KindConfused FindingKind = "confused_routes"
	// KindUnserved: a route names no model although calls are to be made.
	KindUnserved FindingKind = "route_without_models"
	// KindUnembeddable: the embedder cannot take an utterance or a prompt, so no
	// vector stands for it.
	KindUnembeddable FindingKind = "unembeddable"
	// KindLeak: an evaluation prompt is also an utterance.
	KindLeak FindingKind = "leak"
	// KindNearLeak: an evaluation prompt is almost an utterance.
	KindNearLeak FindingKind = "near_leak"
)

// Severity says how much a finding matters.
type Severity string

// The severities, the gravest first.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
	SeverityInfo    Severity = "info"
)

func (s Severity) rank() int {
	switch s {
	case SeverityError:
		return 0
	case SeverityWarning:
		return 1
	}
	return 2
}

// Finding is one problem.
type Finding struct {
	Kind     FindingKind `json:"kind"`
	Severity Severity    `json:"severity"`
	// Routes that it is about, the utterance's own first.
	Routes []string `json:"routes"`
	// Utterance and Position are empty where it is about whole routes.
	Utterance string    `json:"utterance,omitempty"`
	Position  *Position `json:"position,omitempty"`
	// Message says what is wrong and what to do.
	Message string `json:"message"`
	// Fix is what can be done without asking; nil where somebody must decide.
	Fix *Fix `json:"fix,omitempty"`
}

// String gives "file:line:column: severity: message (kind)".
func (f Finding) String() string {
	text := string(f.Severity) + ": " + f.Message + " (" + string(f.Kind) + ")"
	if f.Position == nil {
		return text
	}
	return f.Position.String() + ": " + text
}

// Fix removes an utterance from a route. Another of the same wording stays.
type Fix struct {
	Remove   string    `json:"remove"`
	Route    string    `json:"route"`
	Position *Position `json:"position,omitempty"`
}

// Position is a place in a file, line and column counting from 1.
type Position struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// String gives "file:line:column", or the file alone where no line is known.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

func (p *Position) compare(other *Position) int {
	switch {
	case p == other:
		return 0
	case p == nil:
		return -1
	case other == nil:
		return 1
	}
	return cmp.Or(strings.Compare(p.File, other.File), p.Line-other.Line, p.Column-other.Column)
}

// place is nil where the position is not known.
func place(p routes.Position) *Position {
	if p == (routes.Position{}) {
		return nil
	}
	return &Position{File: p.File, Line: p.Line, Column: p.Column}
}
