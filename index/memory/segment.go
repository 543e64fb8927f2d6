package memory

import (
	"sort"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/mapped"
	"github.com/semroute/semroute/internal/vec"
)

// segment is an immutable block of entries ordered by key, so that the rows of
// a route follow each other and, of two equal similarities, the lower row
// comes first. Its 8-bit codes come in the same order, or, when it has inverted
// lists, list by list: the place of a code is its position.
type segment struct {
	dimension     int
	routes        []string
	first         []int32          // first[i] is the first row of routes[i]; one more at the end
	number        map[string]int32 // route → its place in routes
	utterances    []string         // by row
	vectors       []float32        // by row
	codes         []int8           // by position: the 8-bit form of the vector
	scales        []float32        // by position: scale of the code
	residualCodes []int8           // by row: the 8-bit form of what code and scale leave of the vector; nil with inverted lists
	maxError      float32          // the largest quantisation error: length of a vector less its 8-bit form
	ivf           *invertedLists   // nil: positions are rows
	exactOnly     bool             // inverted lists were tried, and do not pay
	mapped        *mapped.Memory   // holds the memory of vectors; nil when Go does
}

func (s *segment) size() int32 { return int32(len(s.utterances)) }

func (s *segment) vector(row int32) []float32 {
	at := int(row) * s.dimension
	return s.vectors[at : at+s.dimension : at+s.dimension]
}

func (s *segment) code(position int32) []int8 {
	at := int(position) * s.dimension
	return s.codes[at : at+s.dimension : at+s.dimension]
}

func (s *segment) row(position int32) int32 {
	if s.ivf == nil {
		return position
	}
	return s.ivf.rows[position]
}

func (s *segment) position(row int32) int32 {
	if s.ivf == nil {
		return row
	}
	return s.ivf.positions[row]
}

// route returns the place in routes of a row's route.
func (s *segment) route(row int32) int {
	return sort.Search(len(s.routes), func(i int) bool { return s.first[i] > row }) - 1
}

func (s *segment) key(row int32) index.Key {
	return index.Key{Route: s.routes[s.route(row)], Utterance: s.utterances[row]}
}

// place returns where a route stands in routes, or false when it does not. A
// right hint spares looking it up.
func (s *segment) place(name string, hint int32) (int32, bool) {
	if hint >= 0 && int(hint) < len(s.routes) && s.routes[hint] == name {
		return hint, true
	}
	if len(s.routes) == 0 {
		return 0, false
	}
	place, ok := s.number[name]
	return place, ok
}

// find returns the row of key, or false when the segment does not hold it.
func (s *segment) find(key index.Key) (int32, bool) {
	route, ok := s.number[key.Route]
	if !ok {
		return 0, false
	}
	from, to := s.first[route], s.first[route+1]
	at := from + int32(sort.SearchStrings(s.utterances[from:to], key.Utterance))
	return at, at < to && s.utterances[at] == key.Utterance
}

// builder fills a segment with rows that come in key order.
type builder struct{ segment }

func newBuilder(dimension int, rows int32) *builder {
	return &builder{segment{
		dimension:  dimension,
		number:     make(map[string]int32),
		utterances: make([]string, 0, rows),
		vectors:    make([]float32, 0, int(rows)*dimension),
		codes:      make([]int8, 0, int(rows)*dimension),
		scales:     make([]float32, 0, rows),
	}}
}

// add appends an entry, of which it copies the vector.
func (b *builder) add(e index.Entry) {
	b.name(e.Key)
	b.vectors = append(b.vectors, e.Vector...)
	at := len(b.codes)
	b.codes = b.codes[:at+b.dimension]
	scale := vec.QuantizeI8(b.codes[at:], e.Vector)
	b.scales = append(b.scales, scale)
	b.maxError = max(b.maxError, vec.ResidualI8(e.Vector, b.codes[at:], scale))
}

// copy appends a row of another segment.
func (b *builder) copy(from *segment, row int32) {
	b.name(from.key(row))
	position := from.position(row)
	b.vectors = append(b.vectors, from.vector(row)...)
	b.codes = append(b.codes, from.code(position)...)
	b.scales = append(b.scales, from.scales[position])
	b.maxError = max(b.maxError, from.maxError)
}

func (b *builder) name(k index.Key) {
	if n := len(b.routes); n == 0 || b.routes[n-1] != k.Route {
		b.number[k.Route] = int32(n)
		b.first = append(b.first, b.size())
		b.routes = append(b.routes, k.Route)
	}
	b.utterances = append(b.utterances, k.Utterance)
}

func emptySegment(dimension int) *segment { return newBuilder(dimension, 0).done() }

func (b *builder) done() *segment {
	b.first = append(b.first, b.size())
	s := b.segment
	return &s
}

// fillResiduals makes the residual codes, which only a segment without inverted
// lists needs. It is called before anybody else sees the segment.
func (s *segment) fillResiduals() {
	if s.residualCodes != nil || s.ivf != nil {
		return
	}
	s.residualCodes = newCodes(len(s.codes))
	inParallel(int(s.size()), func(first, end int) {
		for i := first; i < end; i++ {
			row := int32(i)
			vec.QuantizeLowI8(s.residualCodes[i*s.dimension:(i+1)*s.dimension], s.code(row), s.vector(row), s.scales[i])
		}
	})
}
