// Package harness tells a person's words from what an agent's tool puts around
// them: reminders, descriptions of the editor and the machine, results of tools
// that are sent as if a user had said them. Such text is long, is about the
// tool, and would decide where the words go.
//
// It promises that only complete blocks of known shape are taken out, that
// everything else stays as it was written, and that the time is linear in the
// length of the text. It does not know conversations: which turn counts is the
// router's.
package harness

import (
	"slices"
	"strings"
)

// Strip gives the text without the blocks that a tool has put around a person's
// words, and how many they were. A text that is all blocks leaves nothing,
// unless all of them could have been written by a person as well, as <context>
// can: then it is given as it is.
func Strip(text string) (words string, omitted int) {
	if isToolResult(text) {
		return "", 1
	}
	blocks := find(text)
	if len(blocks) == 0 {
		return text, 0
	}
	words, omitted = cut(text, blocks)
	if words == "" && !slices.ContainsFunc(blocks, func(b block) bool { return b.kind == toolText }) {
		return text, 0
	}
	return words, omitted
}

// kind is what becomes of a block.
type kind uint8

const (
	unknown kind = iota
	// toolText is text of the tool: it goes.
	toolText
	// material is what a person may have put there too: it goes where other words
	// are left.
	material
	// wrapper stands around the person's words: its marks go, the words stay.
	wrapper
)

// block is a complete one: text[start:end] with its marks, of which the words
// inside are text[inner:innerEnd].
type block struct {
	start, inner, innerEnd, end int
	kind                        kind
}

// cut takes the blocks out. Those that lie inside of one that goes, go with it.
func cut(text string, blocks []block) (words string, omitted int) {
	slices.SortFunc(blocks, func(a, b block) int { return a.start - b.start })
	var gone []block // as ranges start to end
	until := 0
	for _, b := range blocks {
		switch {
		case b.start < until: // inside of one that is gone
		case b.kind == wrapper:
			gone = append(gone, block{start: b.start, end: b.inner}, block{start: b.innerEnd, end: b.end})
		default:
			gone = append(gone, b)
			omitted++
			until = b.end
		}
	}
	slices.SortFunc(gone, func(a, b block) int { return a.start - b.start })
	var kept strings.Builder
	at := 0
	for _, g := range gone {
		kept.WriteString(text[at:max(at, g.start)])
		at = max(at, g.end)
	}
	kept.WriteString(text[at:])
	return strings.TrimSpace(kept.String()), omitted
}
