package edit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/semroute/semroute/routes"
)

// Change is one change of a catalog; exactly one of its fields is set.
type Change struct {
	Put     *Put
	Delete  *Delete
	Add     *Utterances
	Remove  *Utterances
	Replace *Replace
}

// Put makes a route what it says, at its place where there is one of that name,
// else at the end.
type Put struct {
	// Route is whole, but for Forwarding.
	Route routes.Route
	// Policy is its Forwarding as routes.ParseForwarding reads it.
	Policy string
	// Etag is that of the route that is to be replaced; "" is whatever there is.
	Etag string
}

// Delete removes a route.
type Delete struct{ Route, Etag string }

// Utterances come to a route, or leave it; "" are those of no route.
type Utterances struct {
	Route string
	Texts []string
	Etag  string
}

// Replace puts the YAML of a whole catalog in place of all that there is. Its
// models may name no secrets but those that the models before name for the same
// server, so that whoever may change routes cannot have keys sent elsewhere.
type Replace struct{ YAML string }

var (
	// ErrStale: a route is not as its etag says.
	ErrStale = errors.New("the route has changed since it was read")
	// ErrNoRoute: there is no route of that name.
	ErrNoRoute = errors.New("there is no such route")
)

// RouteError says which change met which route in another state; it wraps
// ErrStale or ErrNoRoute.
type RouteError struct {
	Change int
	Route  string
	// Etag is that of the route as it is; "" where there is none.
	Etag string
	// Near is the name that may be meant, or "".
	Near string
	Err  error
}

// Error implements error.
func (e *RouteError) Error() string {
	text := fmt.Sprintf("change %d: route %q: %v", e.Change, e.Route, e.Err)
	if e.Near != "" {
		text += fmt.Sprintf("; did you mean %q?", e.Near)
	}
	return text
}

// Unwrap gives what it wraps.
func (e *RouteError) Unwrap() error { return e.Err }

// Problem is something that the catalog would have wrong.
type Problem struct {
	// Change is the number of the change that brings it, from 0; -1 where it is
	// none's alone, as when a rule names a route that is gone.
	Change int
	// Field is what is wrong of the change, such as utterances[3], or of the
	// catalog, such as rules[0].route; "" is all of it.
	Field   string
	Message string
}

// Problems is everything that is wrong.
type Problems []Problem

// Error gives one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		at := p.Field
		switch {
		case p.Change >= 0 && p.Field != "":
			at = fmt.Sprintf("change %d, %s", p.Change, p.Field)
		case p.Change >= 0:
			at = fmt.Sprintf("change %d", p.Change)
		}
		lines[i] = strings.TrimPrefix(at+": "+p.Message, ": ")
	}
	return strings.Join(lines, "\n")
}

// Etag identifies the content of a route. It does not depend on the order of its
// utterances.
func Etag(r *routes.Route) string { return r.Fingerprint()[:16] }
