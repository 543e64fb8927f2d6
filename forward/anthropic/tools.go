package anthropic

import (
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// maxCalls bounds the tool calls of one answer.
const maxCalls = 128

// calls are the tool calls of an answer, numbered as they appear.
type calls struct {
	emit   wire.Emit
	all    []*call
	blocks map[int64]*call // by the block's index; nil for a block that is no call
	last   int64           // the index of the block that began last
}

// call is one tool call. Its input comes with its block, or in parts after it.
type call struct {
	number int
	whole  string // the input that came with the block, until it is emitted
}

// place is the index of a block; where none is sent, that of the last.
func (c *calls) place(index gjson.Result) int64 {
	if index.Type != gjson.Number {
		return c.last
	}
	return index.Int()
}

func (c *calls) note(index gjson.Result, one *call) {
	if c.blocks == nil {
		c.blocks = map[int64]*call{}
	}
	c.last = c.place(index)
	c.blocks[c.last] = one
}

// other is a block that is no call; what its server does with its input is not
// for the caller.
func (c *calls) other(index gjson.Result) { c.note(index, nil) }

func (c *calls) begin(index, block gjson.Result) error {
	if before := c.blocks[c.place(index)]; before != nil { // servers that send one index for all
		if err := c.settle(before); err != nil {
			return err
		}
	}
	if len(c.all) == maxCalls {
		return wire.Garbled("the answer has more tool calls than are read", block.Raw)
	}
	one := &call{number: len(c.all)}
	if input := block.Get("input"); input.IsObject() && len(input.Map()) > 0 {
		one.whole = input.Raw
	} else if input.Type == gjson.String {
		one.whole = input.Str
	}
	c.all = append(c.all, one)
	c.note(index, one)
	part := &forward.ToolPiece{Index: one.number, ID: block.Get("id").Str, Name: block.Get("name").Str}
	if part.ID == "" {
		part.ID = "call_" + strconv.Itoa(one.number)
	}
	if part.Name == "" {
		return wire.Garbled("the answer has a tool call without a name", block.Raw)
	}
	return c.emit(forward.Piece{Tool: part})
}

// input is a part of a call's input, which takes the place of one that came
// with the block.
func (c *calls) input(index, part gjson.Result) error {
	one, known := c.blocks[c.place(index)]
	text := part.Str
	if part.IsObject() {
		text = part.Raw
	}
	switch {
	case !known:
		return wire.Garbled("the answer goes on with a tool call that it never began", part.Raw)
	case one == nil, text == "":
		return nil
	}
	one.whole = ""
	return c.emit(forward.Piece{Tool: &forward.ToolPiece{Index: one.number, Arguments: text}})
}

func (c *calls) stop(index gjson.Result) error {
	if one := c.blocks[c.place(index)]; one != nil {
		return c.settle(one)
	}
	return nil
}

// settle emits the input that came with a block, when no parts came after it.
func (c *calls) settle(one *call) error {
	text := one.whole
	if one.whole = ""; text == "" {
		return nil
	}
	return c.emit(forward.Piece{Tool: &forward.ToolPiece{Index: one.number, Arguments: text}})
}

func (c *calls) close() error {
	for _, one := range c.all {
		if err := c.settle(one); err != nil {
			return err
		}
	}
	return nil
}
