package wire

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
)

// maxCalls bounds the tool calls of one answer.
const maxCalls = 128

// ToolCalls tells the tool calls of an answer apart, by index and id, and numbers
// them as they first appear. Servers leave out one or the other, send 0 for
// every index, or a new id with every part, and split a call anywhere: a call is
// only emitted once its name and id are known, or the answer ends.
type ToolCalls struct {
	// Emit takes the pieces of the calls.
	Emit Emit
	// Known are the tools of the request, which tell whether a name is whole.
	Known []forward.Tool
	// None stands for the arguments of a call that has none.
	None string

	all []*call
	// pending is an id that came alone, for an index that is taken: the next part
	// may begin a call with it.
	pending callPart
}

// call is one tool call.
type call struct {
	number    int
	index     int // as the server numbers it, none for no number
	id, name  string
	sent      bool // the first piece was emitted
	arguments strings.Builder
	done      int // bytes of the arguments that were emitted
}

// none is the index of a part that has none.
const none = -1

// callPart is a part of a tool call as it comes.
type callPart struct {
	index               int
	guessed             bool // the index is only its place in the chunk
	id, name, arguments string
}

// Len is how many calls there are.
func (c *ToolCalls) Len() int { return len(c.all) }

// Take reads the calls, or parts of calls, of one message.
func (c *ToolCalls) Take(list gjson.Result) error {
	parts := list.Array() // of one that is no list, too
	for i, p := range parts {
		if !p.IsObject() {
			continue
		}
		if err := c.add(readPart(p, i, len(parts))); err != nil {
			return err
		}
	}
	return nil
}

// TakeFunction reads a part of the one call of an older protocol.
func (c *ToolCalls) TakeFunction(f gjson.Result) error {
	return c.add(callPart{index: 0, name: f.Get("name").Str, arguments: arguments(f.Get("arguments"))})
}

// readPart reads a part, which is one of several in its chunk.
func readPart(p gjson.Result, place, several int) callPart {
	function := p.Get("function")
	if !function.IsObject() {
		function = p
	}
	part := callPart{index: none, id: p.Get("id").String(), name: function.Get("name").Str}
	for _, name := range []string{"arguments", "input", "parameters"} {
		if v := function.Get(name); v.Exists() && v.Type != gjson.Null {
			part.arguments = arguments(v)
			break
		}
	}
	for _, n := range []gjson.Result{p.Get("index"), p.Get("function.index")} {
		if n.Type == gjson.Number || n.Type == gjson.String && n.Str != "" {
			part.index = int(n.Int())
			return part
		}
	}
	if several > 1 {
		part.index, part.guessed = place, true // each is a call of its own
	}
	return part
}

// arguments is JSON in a text, or the JSON itself.
func arguments(v gjson.Result) string {
	switch v.Type {
	case gjson.String:
		return v.Str
	case gjson.Null:
		return ""
	}
	var out bytes.Buffer
	if json.Compact(&out, []byte(v.Raw)) != nil {
		return v.Raw
	}
	return out.String()
}

func (c *ToolCalls) add(p callPart) error {
	if p.id == "" && p.name != "" && c.pending.id != "" && c.pending.index == p.index {
		p.id, c.pending = c.pending.id, callPart{}
	}
	one, found := c.find(p)
	switch {
	case p.id == "" && p.name == "" && p.arguments == "", found && repeats(p, one):
		return nil
	case !found && one != nil && p.name == "" && p.arguments == "":
		c.pending = p
		return nil
	case !found && len(c.all) == maxCalls:
		return Garbled("the answer has more tool calls than are read", p.name)
	case !found:
		one = &call{number: len(c.all), index: p.index}
		c.all = append(c.all, one)
	}
	c.extend(one, p)
	if one.id != "" && one.name != "" && !c.partial(one.name) {
		return c.send(one)
	}
	return nil
}

// extend puts the part to its call.
func (c *ToolCalls) extend(one *call, p callPart) {
	if one.id == "" {
		one.id = p.id
	}
	switch {
	case one.name == "":
		one.name = p.name
	case p.name != "" && !one.sent && c.continues(one.name, p.name):
		one.name += p.name
	}
	if one.arguments.String() == "{}" && one.done == 0 && strings.HasPrefix(p.arguments, "{") {
		one.arguments.Reset() // it stood for arguments that were still to come
	}
	one.arguments.WriteString(p.arguments)
}

// find is the call that the part belongs to. Where it begins a new one, it is
// the call in whose place it stands, if any.
func (c *ToolCalls) find(p callPart) (one *call, found bool) {
	for _, one := range slices.Backward(c.all) {
		if p.id != "" && one.id == p.id && (p.guessed || p.index == none || one.index == none || one.index == p.index) {
			return one, repeats(p, one) || !c.begins(p, one)
		}
	}
	for _, one := range slices.Backward(c.all) {
		if p.index == none || one.index == p.index {
			return one, !c.begins(p, one)
		}
	}
	return c.astray(p)
}

// astray is the call that a part goes on with though it comes with another
// index than the call began with: some servers count the parts, or leave the
// index out of the first one.
func (c *ToolCalls) astray(p callPart) (one *call, found bool) {
	if len(c.all) == 0 || p.id != "" || p.name != "" {
		return nil, false
	}
	one = c.all[len(c.all)-1]
	opens := strings.HasPrefix(strings.TrimSpace(p.arguments), "{")
	if one.name == "" || complete(one) || opens && one.arguments.Len() > 0 {
		return nil, false
	}
	one.index = p.index
	return one, true
}

// repeats says whether the part only says again what is known: some servers
// send a call as a whole after its parts.
func repeats(p callPart, one *call) bool {
	return len(p.arguments) > len("{}") && p.arguments == one.arguments.String() && complete(one) &&
		(p.id == one.id && p.name == one.name && p.id != "" || p.id == "" && p.name == "")
}

// begins says whether the part begins a new call, though the one before has the
// same id or index, or none has any.
func (c *ToolCalls) begins(p callPart, before *call) bool {
	another := p.id != "" && before.id != "" && p.id != before.id
	opens := strings.HasPrefix(strings.TrimSpace(p.arguments), "{")
	switch {
	case another && p.name != "", another && p.arguments == "":
		return true
	case another: // some servers make up a new id for every part
		return opens && complete(before)
	case p.name == "" || before.name == "":
		return false
	case before.arguments.Len() > 0:
		return complete(before) && (opens || p.name != before.name) || p.name != before.name
	}
	return p.name != before.name && before.id == "" && !c.continues(before.name, p.name)
}

// complete says whether a call's arguments are a whole object, so that nothing
// can continue them.
func complete(one *call) bool {
	text := strings.TrimSpace(one.arguments.String())
	return strings.HasPrefix(text, "{") && json.Valid([]byte(text))
}

// partial says whether the name is only the beginning of a tool's.
func (c *ToolCalls) partial(name string) bool {
	longer := false
	for _, t := range c.Known {
		if t.Name == name {
			return false
		}
		longer = longer || strings.HasPrefix(t.Name, name)
	}
	return longer
}

// continues says whether a tool's name goes on so.
func (c *ToolCalls) continues(name, rest string) bool {
	for _, t := range c.Known {
		if strings.HasPrefix(t.Name, name+rest) {
			return c.partial(name)
		}
	}
	return false
}

// send emits what is new of a call. Arguments that are only {} are held back,
// because others may take their place.
func (c *ToolCalls) send(one *call) error {
	if one.done == 0 && one.arguments.String() == "{}" {
		return nil
	}
	return c.flush(one)
}

func (c *ToolCalls) flush(one *call) error {
	all := one.arguments.String()
	if one.sent && len(all) == one.done {
		return nil
	}
	part := &forward.ToolPiece{Index: one.number, Arguments: all[one.done:]}
	if !one.sent {
		part.ID, part.Name = one.id, one.name
	}
	one.sent, one.done = true, len(all)
	return c.Emit(forward.Piece{Tool: part})
}

// Close emits what was held back, at the end of a complete answer.
func (c *ToolCalls) Close() error {
	for _, one := range c.all {
		if one.name == "" {
			return Garbled("the answer has a tool call without a name", one.arguments.String())
		}
		if one.id == "" {
			one.id = "call_" + strconv.Itoa(one.number)
		}
		if one.arguments.Len() == 0 {
			one.arguments.WriteString(c.None)
		}
		if err := c.flush(one); err != nil {
			return err
		}
	}
	return nil
}
