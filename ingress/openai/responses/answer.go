package responses

import (
	"fmt"
	"strings"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
)

// answer is a response in the making.
type answer struct {
	response
	request *request
	items   []building
}

func newAnswer(q *request, decision string, now int64) *answer {
	return &answer{request: q, response: q.begin("resp_"+decision, now, q.store)}
}

// kind is a kind of item.
type kind uint8

const (
	thoughts kind = iota
	words
	call
)

// building is one item in the making. An item of words has one part: the text, or
// the refusal.
type building struct {
	kind     kind
	refuses  bool
	tool     int // the number of a tool call
	id, name string
	callID   string
	text     strings.Builder
}

// change is what one piece adds to one item.
type change struct {
	kind         kind
	refuses      bool
	tool         int
	callID, name string
	text         string
}

// changesOf splits a piece by the items that it belongs to.
func changesOf(p forward.Piece) (changes []change) {
	if p.Reasoning != "" {
		changes = append(changes, change{kind: thoughts, text: p.Reasoning})
	}
	if p.Text != "" {
		changes = append(changes, change{kind: words, text: p.Text})
	}
	if p.Refusal != "" {
		changes = append(changes, change{kind: words, refuses: true, text: p.Refusal})
	}
	if t := p.Tool; t != nil {
		changes = append(changes, change{kind: call, tool: t.Index, callID: t.ID, name: t.Name, text: t.Arguments})
	}
	return changes
}

// place is the item that a change belongs to, a new one where its kind changes.
func (a *answer) place(c change) int {
	last := len(a.items) - 1
	if c.kind == call {
		for i := range a.items {
			if a.items[i].kind == call && a.items[i].tool == c.tool {
				return i
			}
		}
	} else if last >= 0 && a.items[last].kind == c.kind && a.items[last].refuses == c.refuses {
		return last
	}
	prefix := map[kind]string{thoughts: "rs", words: "msg", call: "fc"}[c.kind]
	a.items = append(a.items, building{
		kind: c.kind, refuses: c.refuses, tool: c.tool, callID: c.callID, name: c.name,
		id: fmt.Sprintf("%s_%s_%d", prefix, strings.TrimPrefix(a.ID, "resp_"), last+1),
	})
	return last + 1
}

// add takes a piece of an answer that is given as a whole.
func (a *answer) add(p forward.Piece) error {
	if p.Model != "" {
		a.Model = p.Model
	}
	for _, c := range changesOf(p) {
		a.items[a.place(c)].text.WriteString(c.text)
	}
	return nil
}

// complete is the end of the answer.
func (a *answer) complete(r *forward.Record, now int64) {
	if r.Model != "" {
		a.Model = r.Model
	}
	a.Status, a.Usage, a.CompletedAt = completed, usageOf(r.Usage), &now
	switch r.Finish {
	case forward.FinishLength:
		a.Status, a.CompletedAt, a.IncompleteDetails = unfinished, nil, &incomplete{"max_output_tokens"}
	case forward.FinishFiltered:
		if len(a.items) == 0 || !a.items[len(a.items)-1].refuses { // a refusal is an answer
			a.Status, a.CompletedAt, a.IncompleteDetails = unfinished, nil, &incomplete{"content_filter"}
		}
	case forward.FinishStop, forward.FinishToolCalls:
	}
	if len(a.items) == 0 {
		a.place(change{kind: words}) // an answer without a word
	}
	a.Output = nil
	for i := range a.items {
		status := completed
		if i == len(a.items)-1 {
			status = a.Status
		}
		a.Output = append(a.Output, a.items[i].item(status))
	}
}

// turn is the answer as a later request goes on from it.
func (a *answer) turn() chat.Message {
	m := chat.Message{Role: chat.Assistant}
	for i := range a.items {
		switch it := &a.items[i]; it.kind {
		case words:
			m.Parts = append(m.Parts, chat.Part{Text: it.text.String()})
		case call:
			m.ToolCalls = append(m.ToolCalls, chat.ToolCall{ID: it.callID, Name: it.name, Arguments: it.text.String()})
		case thoughts:
		}
	}
	return m
}
