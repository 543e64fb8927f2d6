package distill

import (
	"cmp"
	"slices"
)

const (
	// commonPair: a pair of neighbours gets a vector when it stands in one of
	// so many sentences, "how much" or "credit card", and in leastPairs.
	commonPair = 2000
	leastPairs = 5
)

// pairList is the pairs that get a vector. Their entries follow the tokens'.
type pairList struct {
	keys    [][2]uint32
	entries map[[2]uint32]uint32
}

// commonPairs finds the frequent pairs of neighbours in sentences of tokens
// below size.
func commonPairs(sentences [][]uint32, size int) pairList {
	counts := map[[2]uint32]int{}
	for _, ids := range sentences {
		for i := 1; i < len(ids); i++ {
			counts[[2]uint32{ids[i-1], ids[i]}]++
		}
	}
	list := pairList{entries: map[[2]uint32]uint32{}}
	for pair, count := range counts {
		if count >= max(leastPairs, len(sentences)/commonPair) {
			list.keys = append(list.keys, pair)
		}
	}
	slices.SortFunc(list.keys, func(a, b [2]uint32) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	for i, pair := range list.keys {
		list.entries[pair] = uint32(size + i)
	}
	return list
}
