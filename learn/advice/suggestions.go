package advice

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/semroute/semroute/learn/suggest"
	"github.com/semroute/semroute/store"
)

// Suggestions are changes that a person may accept.
type Suggestions struct {
	List []suggest.Suggestion
	// Read counts the decisions looked at, WithoutText those that were refused
	// or judged and whose text is not stored.
	Read, WithoutText int
	// Notice says what kept suggestions from being made; "" when nothing did.
	Notice string
	// Fingerprint is that of the generation that they are for.
	Fingerprint string
}

// made is the list that was made last.
type made struct {
	Suggestions
	at   time.Time
	said int64 // Advisor.said before it was made
}

const (
	// mostOfAKind bounds the suggestions of each kind.
	mostOfAKind  = 1000
	usualOfAKind = 100
	// keptFor is how long a list is given again rather than made anew.
	keptFor = 30 * time.Second
	// decisionsScope is where rejected and accepted suggestions are remembered.
	decisionsScope = "learn.suggestions"
)

// verdict is what became of a suggestion.
type verdict struct {
	Accepted bool         `json:"accepted"`
	Author   string       `json:"author,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	Time     time.Time    `json:"time"`
	Kind     suggest.Kind `json:"kind"`
}

// Suggestions of the kinds wanted (none is all), at most limit of each (0 is
// 100). A list is made anew when something was said here, the generation has changed, or it is
// half a minute old. It takes seconds where thousands of prompts were refused or judged.
func (a *Advisor) Suggestions(ctx context.Context, kinds []suggest.Kind, limit int) (Suggestions, error) {
	if limit <= 0 {
		limit = usualOfAKind
	}
	a.making.Lock()
	defer a.making.Unlock()
	if err := a.make(ctx, false); err != nil {
		return Suggestions{}, err
	}
	out := a.last.Suggestions
	count := map[suggest.Kind]int{}
	var list []suggest.Suggestion
	for i := range out.List {
		kind := out.List[i].Kind
		if (len(kinds) == 0 || slices.Contains(kinds, kind)) && count[kind] < limit {
			count[kind]++
			list = append(list, out.List[i])
		}
	}
	out.List = list
	return out, nil
}

// make makes the list, under the lock, unless one that is good is there.
func (a *Advisor) make(ctx context.Context, anew bool) error {
	promised, err := a.router.Promised(ctx)
	if err != nil {
		return err
	}
	said := a.said.Load()
	if l := a.last; !anew && l != nil && l.said == said && l.Fingerprint == promised.Fingerprint && a.config.Now().Sub(l.at) < keptFor {
		return nil
	}
	study, err := a.router.Study(ctx)
	if err != nil {
		return err
	}
	found, err := a.read(ctx)
	if err != nil {
		return err
	}
	prompts, err := complete(ctx, &study, found.prompts)
	if err != nil {
		return err
	}
	list, err := suggest.Suggest(ctx, &study.Catalog, prompts, suggest.Options{Limit: mostOfAKind})
	if err != nil {
		return err
	}
	gone, err := a.rejected(ctx)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(s suggest.Suggestion) bool { return gone[s.ID] })
	a.last = &made{
		Suggestions: Suggestions{List: list, Read: found.read, WithoutText: found.withoutText, Notice: notice(&found), Fingerprint: study.Fingerprint},
		at:          a.config.Now(), said: said,
	}
	return nil
}

func notice(r *reading) string {
	if r.withoutText == 0 {
		return ""
	}
	return fmt.Sprintf("%d decisions that were refused or judged teach nothing, because their text is not stored: serve with --store-prompts redact or full", r.withoutText)
}

// rejected are the suggestions that nobody wants, by id. What was accepted is in
// the catalog, and suggested again where it has been taken out.
func (a *Advisor) rejected(ctx context.Context) (map[string]bool, error) {
	gone := map[string]bool{}
	for after := ""; ; {
		page, err := a.store.Values(ctx, decisionsScope, after, 0)
		if err != nil {
			return nil, fmt.Errorf("reading what became of suggestions: %w", err)
		}
		for i := range page {
			var v verdict
			if err := json.Unmarshal(page[i].Data, &v); err != nil {
				return nil, fmt.Errorf("reading what became of suggestion %s: %w", page[i].Key, err)
			}
			if after = page[i].Key; !v.Accepted {
				gone[after] = true
			}
		}
		if len(page) < store.MaxListed {
			return gone, nil
		}
	}
}

// find gives the suggestion of an id, making the list anew where the last one
// lacks it.
func (a *Advisor) find(ctx context.Context, id string) (suggest.Suggestion, error) {
	for _, anew := range []bool{false, true} {
		if err := a.make(ctx, anew); err != nil {
			return suggest.Suggestion{}, err
		}
		for i := range a.last.List {
			if a.last.List[i].ID == id {
				return a.last.List[i], nil
			}
		}
	}
	return suggest.Suggestion{}, fmt.Errorf("%w: %q is not among those that are made now; the catalog or the feedback has moved on", ErrUnknownSuggestion, id)
}

// Reject keeps a suggestion from being made again.
func (a *Advisor) Reject(ctx context.Context, id, author, reason string) (suggest.Suggestion, error) {
	a.making.Lock()
	defer a.making.Unlock()
	found, err := a.find(ctx, id)
	if err != nil {
		return suggest.Suggestion{}, err
	}
	return found, a.settle(ctx, &found, verdict{Author: author, Reason: reason})
}

// settle remembers what became of a suggestion.
func (a *Advisor) settle(ctx context.Context, s *suggest.Suggestion, v verdict) error {
	v.Time, v.Kind = a.config.Now(), s.Kind
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := a.store.PutValue(ctx, decisionsScope, s.ID, data, time.Time{}); err != nil {
		return fmt.Errorf("remembering what became of the suggestion: %w", err)
	}
	a.last.List = slices.DeleteFunc(slices.Clone(a.last.List), func(other suggest.Suggestion) bool { return other.ID == s.ID })
	return nil
}
