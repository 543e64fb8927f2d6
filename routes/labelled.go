package routes

import (
	"io"
	"maps"
	"slices"

	"github.com/semroute/semroute/internal/strictyaml"
)

// Labelled is a prompt with the route that it belongs to.
type Labelled struct {
	Text string
	// Route is "" where none fits.
	Route string
	// Line counts from 1.
	Line int
}

// Outcome is a prompt with how well each model answered it.
type Outcome struct {
	Text string
	// Scores are in [0, 1], by model; never empty.
	Scores map[string]float64
	// Line counts from 1.
	Line int
}

// ReadLabelled reads JSON lines {"text": "...", "route": "NAME"}; other keys
// are left alone and blank lines passed over. name stands for the file in
// messages. Texts are given as they are, not trimmed. An error is a Problems,
// beside the prompts of the lines that are right, or the reader's own.
func ReadLabelled(r io.Reader, name string) ([]Labelled, error) {
	var all []Labelled
	var found collector
	err := eachLine(r, name, &found, func(at Position, line []byte) {
		if entry, ok := parsePrompt(at, line, true, &found); ok {
			all = append(all, entry)
		}
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 && found.Count() == 0 {
		found.Add(Position{File: name}, `there are no prompts; a line is {"text": "...", "route": "NAME"}`)
	}
	return all, found.Err()
}

// parsePrompt reads a line, whose label must be there where labelled says so.
func parsePrompt(at Position, line []byte, labelled bool, found *collector) (Labelled, bool) {
	var entry struct {
		Text  *string `json:"text"`
		Route *string `json:"route"`
	}
	if !parseLine(at, line, &entry, found) {
		return Labelled{}, false
	}
	switch {
	case entry.Text == nil:
		found.Add(at, `text is missing; a line is {"text": "...", "route": "NAME"}`)
	case Identity(*entry.Text) == "":
		found.Add(at, "text is empty")
	case entry.Route == nil && labelled:
		found.Add(at, `route is missing; write "" where none fits`)
	case entry.Route == nil:
		return Labelled{Text: *entry.Text, Line: at.Line}, true
	default:
		return Labelled{Text: *entry.Text, Route: *entry.Route, Line: at.Line}, true
	}
	return Labelled{}, false
}

// ReadPrompts is ReadLabelled for prompts that need no label: a line without one
// has the Route "".
func ReadPrompts(r io.Reader, name string) ([]Labelled, error) {
	var all []Labelled
	var found collector
	err := eachLine(r, name, &found, func(at Position, line []byte) {
		if entry, ok := parsePrompt(at, line, false, &found); ok {
			all = append(all, entry)
		}
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 && found.Count() == 0 {
		found.Add(Position{File: name}, `there are no prompts; a line is {"text": "..."}`)
	}
	return all, found.Err()
}

// ReadOutcomes reads JSON lines {"text": "...", "scores": {"MODEL": 0..1}};
// all else is as in ReadLabelled.
func ReadOutcomes(r io.Reader, name string) ([]Outcome, error) {
	var all []Outcome
	var found collector
	err := eachLine(r, name, &found, func(at Position, line []byte) {
		if entry, ok := parseOutcome(at, line, &found); ok {
			all = append(all, entry)
		}
	})
	if err != nil {
		return nil, err
	}
	if len(all) == 0 && found.Count() == 0 {
		found.Add(Position{File: name}, `there are no outcomes; a line is {"text": "...", "scores": {"MODEL": 0.7}}`)
	}
	if err := found.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

func parseOutcome(at Position, line []byte, found *collector) (Outcome, bool) {
	var entry struct {
		Text   *string            `json:"text"`
		Scores map[string]float64 `json:"scores"`
	}
	if !parseLine(at, line, &entry, found) {
		return Outcome{}, false
	}
	switch {
	case entry.Text == nil:
		found.Add(at, `text is missing; a line is {"text": "...", "scores": {"MODEL": 0.7}}`)
		return Outcome{}, false
	case Identity(*entry.Text) == "":
		found.Add(at, "text is empty")
		return Outcome{}, false
	case len(entry.Scores) == 0:
		found.Add(at, `scores are missing; write {"MODEL": 0.7}`)
		return Outcome{}, false
	}
	for _, model := range slices.Sorted(maps.Keys(entry.Scores)) {
		score := entry.Scores[model]
		if score < 0 || score > 1 {
			found.Add(at, "the score of %s is %v but must be between 0 and 1", strictyaml.Quote(model), score)
			return Outcome{}, false
		}
	}
	return Outcome{Text: *entry.Text, Scores: entry.Scores, Line: at.Line}, true
}
