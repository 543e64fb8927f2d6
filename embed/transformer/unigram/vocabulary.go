package unigram

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Vocabulary is a trie of the pieces, byte by byte, in the form in which it lies
// in a file and is read in place. Nodes stand in breadth-first order, so that the
// children of a node stand side by side, and those of the next one follow.
type Vocabulary struct {
	Labels   []byte // of each node the byte that leads to it; the root has 0
	Children []byte // of each node, and of one behind the last, its first child: 4 bytes
	IDs      []byte // of each node the piece that ends there, or 2³²-1: 4 bytes
	Scores   []byte // of each piece: 8 bytes of a float64
}

// NewVocabulary makes the form of pieces, of which every text stands once. A
// piece without text is never found. Time and memory are linear in their bytes,
// apart from sorting them.
func NewVocabulary(pieces []Piece) (*Vocabulary, error) {
	if err := check(pieces); err != nil {
		return nil, err
	}
	v := &Vocabulary{}
	sorted := make([]int, 0, len(pieces))
	for id := range pieces {
		v.Scores = binary.LittleEndian.AppendUint64(v.Scores, math.Float64bits(pieces[id].Score))
		if pieces[id].Text != "" {
			sorted = append(sorted, id)
		}
	}
	slices.SortFunc(sorted, func(a, b int) int { return cmp.Compare(pieces[a].Text, pieces[b].Text) })
	for i := 1; i < len(sorted); i++ {
		if text := pieces[sorted[i]].Text; text == pieces[sorted[i-1]].Text {
			return nil, fmt.Errorf("%w: piece %d, %q, is there twice", ErrVocabulary, max(sorted[i], sorted[i-1]), text)
		}
	}
	v.build(pieces, sorted)
	return v, nil
}

// build adds the nodes in their order. All pieces of a node share its bytes.
func (v *Vocabulary) build(pieces []Piece, sorted []int) {
	type node struct{ from, to, depth int }
	nodes := []node{{to: len(sorted)}}
	v.Labels = append(v.Labels, 0)
	for i := 0; i < len(nodes); i++ {
		n := nodes[i]
		id := uint32(none)
		if n.from < n.to && len(pieces[sorted[n.from]].Text) == n.depth {
			id = uint32(sorted[n.from])
			n.from++
		}
		v.IDs = binary.LittleEndian.AppendUint32(v.IDs, id)
		v.Children = binary.LittleEndian.AppendUint32(v.Children, uint32(len(nodes)))
		for from := n.from; from < n.to; {
			label := pieces[sorted[from]].Text[n.depth]
			to := from + 1
			for to < n.to && pieces[sorted[to]].Text[n.depth] == label {
				to++
			}
			nodes = append(nodes, node{from, to, n.depth + 1})
			v.Labels = append(v.Labels, label)
			from = to
		}
	}
	v.Children = binary.LittleEndian.AppendUint32(v.Children, uint32(len(nodes)))
}

// size is the number of pieces.
func (v *Vocabulary) size() int { return len(v.Scores) / 8 }

func (v *Vocabulary) child(i int) int { return int(binary.LittleEndian.Uint32(v.Children[4*i:])) }

func (v *Vocabulary) id(node int) uint32 { return binary.LittleEndian.Uint32(v.IDs[4*node:]) }

func (v *Vocabulary) score(id uint32) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(v.Scores[8*id:]))
}

// step is the node that a byte leads to, 0 where there is none: the root is no
// node's child.
func (v *Vocabulary) step(node int, b byte) int {
	first := v.child(node)
	i := bytes.IndexByte(v.Labels[first:v.child(node+1)], b)
	if i < 0 {
		return 0
	}
	return first + i
}

// check says what about the form is not one: what it passes, lookups can read
// without leaving it, and no way through the trie is longer than its nodes.
func (v *Vocabulary) check() error {
	nodes, size := len(v.Labels), v.size()
	if nodes == 0 || len(v.Children) != 4*(nodes+1) || len(v.IDs) != 4*nodes || size == 0 || len(v.Scores) != 8*size {
		return fmt.Errorf("%w: a trie of %d nodes for %d pieces with parts of another size", ErrVocabulary, nodes, size)
	}
	depths := 0
	levelEnd := 1 // of the nodes of the depth that is looked at
	for i := range nodes {
		if i == levelEnd {
			depths++
			levelEnd = v.child(i)
		}
		if first, next := v.child(i), v.child(i+1); first <= i || next < first || next > nodes || depths > mostPieceBytes {
			return fmt.Errorf("%w: node %d of the trie has the children %d to %d of %d", ErrVocabulary, i, first, next, nodes)
		}
		if id := v.id(i); id != none && int64(id) >= int64(size) {
			return fmt.Errorf("%w: node %d of the trie is piece %d of %d", ErrVocabulary, i, id, size)
		}
	}
	for id := range size {
		if s := v.score(uint32(id)); math.IsNaN(s) || math.IsInf(s, 0) {
			return fmt.Errorf("%w: the score of piece %d is %v", ErrVocabulary, id, s)
		}
	}
	return nil
}
