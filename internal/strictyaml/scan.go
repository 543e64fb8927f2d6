package strictyaml

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// scan cuts a text into tokens up to the first that nests too deeply or
// multiplies too much; message then says what is wrong with the last token.
func scan(text string) (tokens token.Tokens, message string) {
	tokens = lexer.Tokenize(text)
	var count counts
	for i, tk := range tokens {
		if message := count.add(tk); message != "" {
			return tokens[:i+1], message
		}
	}
	return tokens, ""
}

// counts is what is bounded of the tokens so far.
type counts struct {
	tokens, depth, anchors int
	before                 *token.Token
	blocks                 []block // that are open, outermost first
}

// block is a mapping in block style: where its keys begin and how many there are.
type block struct{ column, keys int }

// add counts a token and says what is wrong with it.
func (c *counts) add(tk *token.Token) string {
	c.tokens++
	before := c.before
	c.before = tk
	switch tk.Type {
	case token.SequenceStartType, token.MappingStartType:
		c.depth++
	case token.SequenceEndType, token.MappingEndType:
		c.depth--
	case token.SequenceEntryType, token.MappingKeyType:
		switch {
		case c.depth > 0 && tk.Type == token.SequenceEntryType:
			return "a dash within brackets; close them before it, or write the list with commas"
		case c.depth == 0 && tk.Position.Column > maxColumn:
			return "this is nested too deeply"
		}
		if c.depth == 0 {
			c.leave(tk.Position.Column)
		}
	case token.MappingValueType:
		if c.depth == 0 && before != nil && c.key(before.Position.Column) > maxKeys {
			return fmt.Sprintf("a mapping has more than %d keys", maxKeys)
		}
	case token.AnchorType, token.AliasType:
		c.anchors++
	case token.TagType:
		return fmt.Sprintf("YAML tags such as %s are not used here; remove it", tk.Value)
	}
	switch {
	case c.depth > MaxDepth:
		return "this is nested too deeply"
	case c.anchors > maxAnchors:
		return fmt.Sprintf("more than %d anchors and aliases", maxAnchors)
	case c.tokens > maxTokens:
		return fmt.Sprintf("the file holds more than %d pieces of YAML; put lists of texts into files of their own", maxTokens)
	}
	return ""
}

// key counts a key of the block mapping that begins at the column, and gives
// how many it has so far.
func (c *counts) key(column int) int {
	c.leave(column)
	if len(c.blocks) == 0 || c.blocks[len(c.blocks)-1].column < column {
		c.blocks = append(c.blocks, block{column: column})
	}
	last := &c.blocks[len(c.blocks)-1]
	last.keys++
	return last.keys
}

// leave ends the block mappings that begin to the right of a column.
func (c *counts) leave(column int) {
	for len(c.blocks) > 0 && c.blocks[len(c.blocks)-1].column > column {
		c.blocks = c.blocks[:len(c.blocks)-1]
	}
}

// tooMuch looks for what would cost too much to cut into tokens, and gives the
// line at which it is too much, 0 where it never is. It reads no further.
func tooMuch(data []byte) (line int, message string) {
	marks, empty := 0, 0
	for text := range bytes.Lines(data) {
		line++
		if len(bytes.TrimSpace(text)) > 0 {
			empty = 0
		} else if empty++; empty > maxEmptyLines {
			return line, fmt.Sprintf("more than %d empty lines follow each other", maxEmptyLines)
		}
		for _, c := range text {
			if !isMark(c) {
				continue
			}
			if marks++; marks > maxMarks {
				return line, "the file holds too many pieces of YAML; put lists of texts into files of their own"
			}
		}
	}
	return 0, ""
}

// isMark says of which characters there are at least half as many as tokens.
func isMark(c byte) bool {
	switch c {
	case '[', ']', '{', '}', ',', ':', '-', '?', '&', '*', '!', '|', '>', '"', '\'', '#', '%', '@', '`', '\n':
		return true
	}
	return false
}
