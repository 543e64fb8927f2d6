package memory

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/semroute/semroute/index"
	"github.com/semroute/semroute/internal/vec"
)

// decoded is what a file held.
type decoded struct {
	segment *segment
	deleted []uint32
	parent  uint32
	sum     uint32
}

// decode reads a file, whose vectors it uses in place; nil when the file is
// intact and of another embedder. It trusts nothing in it.
func decode(data []byte, config Config) (*decoded, error) {
	h, l, err := checkFrame(data)
	if err != nil {
		return nil, err
	}
	if string(data[l.fingerprint:l.deleted]) != config.Fingerprint || int(h.dimension) != config.Dimension {
		return nil, nil
	}
	s := &segment{dimension: config.Dimension, number: make(map[string]int32, h.routes)}
	if err := s.readKeys(data, h, l); err != nil {
		return nil, err
	}
	s.vectors = floats(data[l.vectors:l.codes])
	if err := s.check(); err != nil {
		return nil, err
	}
	if !h.coded() {
		s.quantizeAll()
	} else if err := s.readCodes(data, l); err != nil {
		return nil, err
	}
	s.exactOnly = h.lists == 0 && h.trained > 0
	if h.lists > 0 {
		if s, err = s.readLists(data, h, l); err != nil {
			return nil, err
		}
	}
	return &decoded{
		segment: s,
		deleted: numbers(data[l.deleted : l.deleted+4*h.deleted]),
		parent:  h.parent,
		sum:     binary.LittleEndian.Uint32(data[l.checksum:]),
	}, nil
}

// checkFrame verifies what a file says of itself, its size and its checksum.
func checkFrame(data []byte) (header, layout, error) {
	fail := func(format string, args ...any) (header, layout, error) {
		return header{}, layout{}, fmt.Errorf(format, args...)
	}
	size := uint64(len(data))
	if size < headerSize+4 || string(data[:len(magic)]) != magic {
		return fail("it is not an index snapshot")
	}
	if v := binary.LittleEndian.Uint32(data[8:]); v < 1 || v > version {
		return fail("it has format %d, this program reads formats up to %d", v, version)
	}
	h := decodeHeader(data)
	if h.fileSize != size {
		return fail("it has %d of %d bytes", size, h.fileSize)
	}
	for _, n := range []uint64{h.rows, h.routes, h.text, h.fingerprint, h.deleted, h.lists} {
		if n > size || n > math.MaxInt32 {
			return fail("its header counts more than it holds")
		}
	}
	if h.dimension == 0 || h.dimension > maxDimension {
		return fail("its header says dimension %d", h.dimension)
	}
	l := h.layout()
	if l.end != size {
		return fail("its sections do not fill it")
	}
	if got, want := checksum(data[:l.checksum]), binary.LittleEndian.Uint32(data[l.checksum:]); got != want {
		return fail("its checksum is %08x, not %08x", got, want)
	}
	return h, l, nil
}

func numbers(b []byte) []uint32 {
	out := make([]uint32, len(b)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(b[4*i:])
	}
	return out
}

// readKeys reads routes and utterances.
func (s *segment) readKeys(data []byte, h header, l layout) error {
	lengths := numbers(data[l.lengths:l.text])
	text := string(data[l.text:l.fingerprint])
	cut := func(n uint32) (part string) {
		n = min(n, uint32(len(text)))
		part, text = text[:n], text[n:]
		return part
	}
	names, counts, utterances := lengths[:h.routes], lengths[h.routes:2*h.routes], lengths[2*h.routes:]
	total := uint64(0)
	for _, list := range [][]uint32{names, utterances} {
		for _, n := range list {
			total += uint64(n)
		}
	}
	if total != h.text {
		return errors.New("its texts do not fill their section")
	}
	s.first = make([]int32, 1, h.routes+1)
	rows := uint64(0)
	for i, n := range names {
		s.routes = append(s.routes, cut(n))
		s.number[s.routes[i]] = int32(i)
		if rows += uint64(counts[i]); counts[i] == 0 || rows > h.rows {
			return fmt.Errorf("route %q cannot have %d rows", s.routes[i], counts[i])
		}
		s.first = append(s.first, int32(rows))
	}
	if rows != h.rows {
		return errors.New("its routes have fewer rows than there are")
	}
	s.utterances = make([]string, h.rows)
	for i, n := range utterances {
		s.utterances[i] = cut(n)
	}
	return nil
}

// check holds a segment that was read to what a builder guarantees: keys and
// vectors that the index would take, in strict order.
func (s *segment) check() error {
	var before index.Key
	for route, name := range s.routes {
		for row := s.first[route]; row < s.first[route+1]; row++ {
			e := index.Entry{Key: index.Key{Route: name, Utterance: s.utterances[row]}, Vector: s.vector(row)}
			if err := index.CheckEntry(e, s.dimension); err != nil {
				return err
			}
			if row > 0 && compareKeys(before, e.Key) >= 0 {
				return fmt.Errorf("row %d is out of order", row)
			}
			before = e.Key
		}
	}
	return nil
}

// sampled is how many rows lie between two whose codes are held to their vectors.
const sampled = 64

// readCodes takes the codes in place. Some are compared with what this program
// would make of their vectors, so that another way of rounding is noticed.
func (s *segment) readCodes(data []byte, l layout) error {
	both := int8s(data[l.codes:l.scales])
	s.codes, s.residualCodes = both[:len(both)/2:len(both)/2], both[len(both)/2:]
	scales := slices.Clone(floats(data[l.scales:l.centroids]))
	s.scales, s.maxError = scales[:len(scales)-1], scales[len(scales)-1]
	if !vec.Finite(scales) || s.maxError < 0 {
		return errors.New("a scale is not finite")
	}
	code, low := make([]int8, s.dimension), make([]int8, s.dimension)
	for row := int32(0); row < s.size(); row += sampled {
		scale := vec.QuantizeI8(code, s.vector(row))
		vec.QuantizeLowI8(low, code, s.vector(row), scale)
		at := int(row) * s.dimension
		if scale != s.scales[row] || !slices.Equal(code, s.code(row)) || !slices.Equal(low, s.residualCodes[at:at+s.dimension]) {
			return fmt.Errorf("the code of row %d is not of its vector", row)
		}
	}
	return nil
}

// quantizeAll makes the 8-bit form of all rows.
func (s *segment) quantizeAll() {
	s.codes, s.scales = make([]int8, len(s.vectors)), make([]float32, s.size())
	residuals := make([]float32, s.size())
	inParallel(len(residuals), func(first, end int) {
		for i := first; i < end; i++ {
			row := int32(i)
			s.scales[i] = vec.QuantizeI8(s.code(row), s.vector(row))
			residuals[i] = vec.ResidualI8(s.vector(row), s.code(row), s.scales[i])
		}
	})
	for _, r := range residuals {
		s.maxError = max(s.maxError, r)
	}
}

// readLists returns the segment with the lists that the file holds.
func (s *segment) readLists(data []byte, h header, l layout) (*segment, error) {
	vectors := slices.Clone(floats(data[l.centroids:l.members])) // they may outlive the mapping
	if !vec.Finite(vectors) {
		return nil, errors.New("a centroid is not finite")
	}
	members := make([]int32, 0, h.rows)
	for _, list := range numbers(data[l.members:l.checksum]) {
		if uint64(list) >= h.lists {
			return nil, fmt.Errorf("there is no list %d", list)
		}
		members = append(members, int32(list))
	}
	for _, e := range []operatingPoint{h.atTop10, h.atTop100} {
		if e.probes < 1 || uint64(e.probes) > h.lists {
			return nil, fmt.Errorf("%d of %d lists cannot be searched", e.probes, h.lists)
		}
	}
	out := inLists(s, newCentroids(s.dimension, vectors), members)
	out.ivf.trained = int32(min(h.trained, math.MaxInt32))
	out.ivf.atTop10, out.ivf.atTop100 = h.atTop10, h.atTop100
	return out, nil
}
