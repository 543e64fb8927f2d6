package advice

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/semroute/semroute/learn/suggest"
)

// Acceptance is how a suggestion is accepted.
type Acceptance struct {
	Author string
	// Route takes the place of the proposed one; "" keeps that.
	Route string
	// Models may serve a new route.
	Models []string
}

// Accept makes the change of a suggestion and gives it as it was made. It fails
// with ErrUnknownSuggestion, ErrBadRoute, or the editor's error;
// then nothing has changed.
func (a *Advisor) Accept(ctx context.Context, id string, how Acceptance) (suggest.Suggestion, Changed, error) {
	a.making.Lock()
	defer a.making.Unlock()
	found, err := a.find(ctx, id)
	if err != nil {
		return suggest.Suggestion{}, Changed{}, err
	}
	accepted := found
	if accepted.Route, err = routeFor(&found, how); err != nil {
		return suggest.Suggestion{}, Changed{}, err
	}
	change := changeOf(&accepted, how)
	if names, _ := a.router.Serving(); slices.Contains(names, change.Open) {
		change.Open = "" // it is there already, so that its utterances alone come
	}
	changed, err := a.editor.Change(ctx, change)
	if err != nil {
		return suggest.Suggestion{}, Changed{}, err
	}
	return accepted, changed, a.settle(ctx, &found, verdict{Accepted: true, Author: how.Author})
}

// routeFor is the route that gains, as the person who accepts wants it.
func routeFor(s *suggest.Suggestion, how Acceptance) (string, error) {
	switch {
	case s.Kind == suggest.AddNone && how.Route != "":
		return "", fmt.Errorf("%w: it is about what fits no route; give right feedback on its prompts instead", ErrBadRoute)
	case s.Kind == suggest.MoveUtterance && how.Route == s.From:
		return "", fmt.Errorf("%w: its utterances stand under %q already; reject it to leave them there", ErrBadRoute, s.From)
	case s.Kind != suggest.NewRoute && len(how.Models) > 0:
		return "", fmt.Errorf("%w: models are for new routes", ErrBadRoute)
	}
	return cmp.Or(how.Route, s.Route), nil
}

func changeOf(s *suggest.Suggestion, how Acceptance) Change {
	c := Change{Author: how.Author, Cause: "suggestion " + s.ID, Route: s.Route, Add: s.Utterances}
	switch s.Kind {
	case suggest.NewRoute:
		c.Open, c.Models = s.Route, how.Models
	case suggest.MoveUtterance:
		c.From, c.Remove = s.From, s.Utterances
	case suggest.AddUtterance, suggest.AddNone:
	}
	return c
}
