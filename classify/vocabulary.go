package classify

import (
	"cmp"
	"math"
	"slices"
)

// vocabulary numbers the n-grams that the training texts use and weighs them by
// how rare they are. It is immutable and safe for concurrent use.
type vocabulary struct {
	hashes []uint64    // by id; ids of words first, each block in ascending order
	idf    []float32   // by id; ln((1+n)/(1+df)) + 1, at least 1
	words  int         // ids below are of the word block
	gain   [32]float32 // 1 + ln count, by count; the last for all above
	table  []slot      // open addressing, a power of two, less than half full
}

// slot holds the upper half of a hash and the id + 1; 0 is empty.
type slot struct{ check, id uint32 }

// gramCount counts the texts that use an n-gram while a vocabulary is built.
type gramCount struct {
	texts int32
	last  int32 // the text that counted last, so that no text counts twice
	block int32
}

// newVocabulary counts the n-grams of texts and keeps those of at least minTexts
// texts; if more than limit remain, minTexts rises until they fit.
func newVocabulary(texts []string, minTexts, limit int) *vocabulary {
	counts := map[uint64]*gramCount{}
	var buf gramBuffer
	for i, text := range texts {
		buf.read(text)
		for block, hashes := range buf.hashes {
			for _, h := range hashes {
				c := counts[h]
				if c == nil {
					c = &gramCount{last: -1, block: int32(block)}
					counts[h] = c
				}
				if c.last != int32(i) {
					c.last = int32(i)
					c.texts++
				}
			}
		}
	}
	var spread []int // spread[t] n-grams are used by t texts
	for _, c := range counts {
		for int(c.texts) >= len(spread) {
			spread = append(spread, 0)
		}
		spread[c.texts]++
	}
	kept := 0
	floor := len(spread)
	for floor > minTexts && kept+spread[floor-1] <= limit {
		floor--
		kept += spread[floor]
	}
	return keep(counts, int32(floor), len(texts))
}

// keep numbers the n-grams that at least floor of n texts use.
func keep(counts map[uint64]*gramCount, floor int32, n int) *vocabulary {
	v := &vocabulary{}
	for h, c := range counts {
		if c.texts >= floor {
			v.hashes = append(v.hashes, h)
			if c.block == wordBlock {
				v.words++
			}
		}
	}
	slices.SortFunc(v.hashes, func(a, b uint64) int {
		return cmp.Or(cmp.Compare(counts[a].block, counts[b].block), cmp.Compare(a, b))
	})
	v.idf = make([]float32, len(v.hashes))
	for i, h := range v.hashes {
		v.idf[i] = float32(math.Log(float64(n+1)/float64(counts[h].texts+1)) + 1)
	}
	v.index()
	return v
}

// index builds the tables from hashes.
func (v *vocabulary) index() {
	for c := range v.gain {
		v.gain[c] = float32(1 + math.Log(float64(max(c, 1))))
	}
	size := 2
	for size < 2*len(v.hashes)+1 {
		size *= 2
	}
	v.table = make([]slot, size)
	for id, h := range v.hashes {
		i := h & uint64(size-1)
		for v.table[i].id != 0 {
			i = (i + 1) & uint64(size-1)
		}
		v.table[i] = slot{uint32(h >> 32), uint32(id) + 1}
	}
}

// find returns the id of an n-gram, or false if no training text used it.
func (v *vocabulary) find(h uint64) (uint32, bool) {
	mask := uint64(len(v.table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		s := v.table[i]
		if s.id == 0 {
			return 0, false
		}
		if s.check == uint32(h>>32) {
			return s.id - 1, true
		}
	}
}
