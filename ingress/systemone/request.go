package systemone

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

const (
	maxQuestions = 256
	maxOptions   = 1024
	// maxDepth bounds how deep a state is looked into.
	maxDepth = 32
)

// request is what is asked, read.
type request struct {
	prompt    router.Prompt
	text      string // the state as one text
	questions []question
}

// question is one question with its options, ordered by name so that the order in
// which they were written changes nothing.
type question struct {
	name    string
	kind    string
	options []option
}

type option struct {
	name string
	text string // its description; empty where it has none
}

func read(fields map[string]json.RawMessage) (*request, error) {
	q := &request{}
	if _, given := fields["assets"]; given && string(fields["assets"]) != "null" {
		return nil, &unsupportedError{path: []string{"assets"}, why: "pictures are not looked at here"}
	}
	if err := q.readState(fields["state"]); err != nil {
		return nil, err
	}
	var questions map[string]struct {
		Type     string          `json:"type"`
		Criteria json.RawMessage `json:"criteria"`
	}
	if err := web.Read(fields, "questions", &questions); err != nil {
		return nil, err
	}
	if len(questions) == 0 || len(questions) > maxQuestions {
		return nil, web.Bad("questions", "needs between 1 and %d questions", maxQuestions)
	}
	for name, asked := range questions {
		options, err := readOptions(asked.Criteria, "questions."+name+".criteria")
		if err != nil {
			return nil, err
		}
		q.questions = append(q.questions, question{name: name, kind: asked.Type, options: options})
	}
	slices.SortFunc(q.questions, func(a, b question) int { return strings.Compare(a.name, b.name) })
	return q, nil
}

// readState reads what the questions are about: a text, a conversation, or any
// value, of which all texts are read in order.
func (q *request) readState(raw json.RawMessage) error {
	if len(raw) == 0 || string(raw) == "null" {
		return web.Bad("state", "is missing")
	}
	if messages := readConversation(raw); len(messages) > 0 {
		q.prompt.Messages = messages
		q.text = messages[len(messages)-1].Text()
		return nil
	}
	text, err := texts(raw)
	if err != nil {
		return web.Bad("state", "%s", err)
	}
	q.text, q.prompt.Text = text, text
	return nil
}

// readConversation reads a list of turns with roles; nil where it is something else.
func readConversation(raw json.RawMessage) []chat.Message {
	var turns []struct {
		Role    chat.Role `json:"role"`
		Content string    `json:"content"`
	}
	if json.Unmarshal(raw, &turns) != nil {
		return nil
	}
	var messages []chat.Message
	for _, t := range turns {
		if !slices.Contains([]chat.Role{chat.System, chat.User, chat.Assistant}, t.Role) || t.Content == "" {
			return nil
		}
		messages = append(messages, chat.Say(t.Role, t.Content))
	}
	return messages
}

// texts joins the texts of a value, a line each, in the order in which they stand.
func texts(raw json.RawMessage) (string, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	var lines []string
	depth, key := 0, []bool{false} // whether the next text is a key, by depth
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return strings.Join(lines, "\n"), nil
		}
		if err != nil {
			return "", errors.New("is not readable")
		}
		inObject := key[depth]
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				if depth++; depth > maxDepth {
					return "", fmt.Errorf("is nested deeper than %d levels", maxDepth)
				}
				key = append(key, t == '{')
				continue
			}
			key, depth = key[:depth], depth-1
		case string:
			if inObject && isKey(raw[d.InputOffset():]) {
				continue
			}
			lines = append(lines, t)
		}
	}
}

// isKey says whether the text that ends here is the name of a member: a colon
// follows.
func isKey(rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return len(rest) > 0 && rest[0] == ':'
}

// readOptions reads options with their descriptions, or the levels of a score.
func readOptions(raw json.RawMessage, path string) ([]option, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var named map[string]json.RawMessage
	var levels []json.RawMessage
	var options []option
	add := func(name string, raw json.RawMessage) error {
		text, err := texts(raw)
		if err != nil {
			return web.Bad(path+"."+name, "%s", err)
		}
		options = append(options, option{name, text})
		return nil
	}
	if json.Unmarshal(raw, &named) == nil {
		for name, text := range named {
			if err := add(name, text); err != nil {
				return nil, err
			}
		}
	} else if json.Unmarshal(raw, &levels) == nil {
		for i, text := range levels {
			if err := add(fmt.Sprint(i), text); err != nil {
				return nil, err
			}
		}
	} else {
		return nil, web.Bad(path, "must be an object of options or a list of levels")
	}
	if len(options) > maxOptions {
		return nil, web.Bad(path, "has more than %d options", maxOptions)
	}
	slices.SortFunc(options, func(a, b option) int { return strings.Compare(a.name, b.name) })
	return options, nil
}

// routeOf is the route that an option names: by its name, as it is or as other
// protocols write it.
func routeOf(name string) string { return strings.TrimPrefix(name, routes.RoutePrefix) }
