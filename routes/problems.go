package routes

import "github.com/semroute/semroute/internal/strictyaml"

type (
	// Position is a place in a catalog file. Line and Column count from 1, Column
	// in characters; Line 0 means the file as a whole.
	Position = strictyaml.Position
	// Problem is one thing that is wrong in a file.
	Problem = strictyaml.Problem
	// Problems is the error that this package's readers return: everything that
	// is wrong, ordered by file and place, one a line.
	Problems = strictyaml.Problems
)

// Nearest returns the known name that a mistyped name most likely means: the
// one with the fewest edits (insert, delete, replace, swap of neighbours, case
// ignored), if these are at most a third of its length. Of equals it returns
// the first in alphabetical order.
func Nearest(name string, known []string) (string, bool) { return strictyaml.Nearest(name, known) }
