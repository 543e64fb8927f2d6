package strictyaml

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Position is a place in a catalog file. Line and Column count from 1, Column
// in characters; Line 0 means the file as a whole.
type Position struct {
	File   string
	Line   int
	Column int
}

// String gives "file:line:column", or the file alone where no line is known.
func (p Position) String() string {
	if p.Line == 0 {
		return p.File
	}
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

// Within is the position of a place within a text that starts at p: line and
// column count from 1 inside that text.
func (p Position) Within(line, column int) Position {
	return Position{File: p.File, Line: p.Line + line - 1, Column: p.Column + column - 1}
}

// Problem is one thing that is wrong in a file.
type Problem struct {
	Position Position
	Message  string
}

// String gives "file:line:column: message".
func (p Problem) String() string {
	if p.Position == (Position{}) {
		return p.Message
	}
	return p.Position.String() + ": " + p.Message
}

// Problems is the error that this package's readers return: everything that is
// wrong, ordered by file and place.
type Problems []Problem

// Error gives one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Collector gathers problems up to MaxProblems and counts the rest.
type Collector struct {
	found Problems
	more  int
}

// Add notes a problem.
func (c *Collector) Add(at Position, format string, args ...any) {
	if c.Full() {
		c.more++
		return
	}
	c.found = append(c.found, Problem{Position: at, Message: fmt.Sprintf(format, args...)})
}

// Count is how many problems there are, shown or not.
func (c *Collector) Count() int { return len(c.found) + c.more }

// Full says that what is added now is only counted, so that callers can spare
// themselves a costly message.
func (c *Collector) Full() bool { return len(c.found) >= MaxProblems }

// Skip counts a problem whose message was spared because of Full.
func (c *Collector) Skip() { c.more++ }

// Err is nil without problems, else a Problems in order.
func (c *Collector) Err() error {
	if len(c.found) == 0 {
		return nil
	}
	slices.SortStableFunc(c.found, func(a, b Problem) int { return comparePositions(a.Position, b.Position) })
	if c.more > 0 {
		c.found = append(c.found, Problem{Message: fmt.Sprintf("%d more problems are not shown", c.more)})
	}
	return c.found
}

func comparePositions(a, b Position) int {
	if n := strings.Compare(a.File, b.File); n != 0 {
		return n
	}
	if a.Line != b.Line {
		return a.Line - b.Line
	}
	return a.Column - b.Column
}
