package static

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
)

// ErrSource: what is to become a table does not fit together.
var ErrSource = errors.New("cannot build a table")

// Source is what a table is built from.
type Source struct {
	Provenance Provenance
	// Pieces is the WordPiece vocabulary in the order of its ids.
	Pieces []string
	// Pairs are ids of neighbouring tokens.
	Pairs [][2]uint32
	// Vectors holds what each piece and pair, in this order, adds to the sum of
	// a text; all of one length, or nil for none. [UNK] needs one.
	Vectors [][]float32
}

// Build makes a table. The same source gives the same bytes.
func Build(source Source) ([]byte, error) {
	dimension, err := source.check()
	if err != nil {
		return nil, err
	}
	provenance, err := json.Marshal(source.Provenance)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	text, offsets, err := packTokens(source.Pieces)
	if err != nil {
		return nil, err
	}
	rows := quantizeAll(source.Vectors, dimension)
	h := header{
		Magic: [8]byte([]byte(tableMagic)), Version: tableVersion,
		Dimension: uint32(dimension),
		Tokens:    size32(len(source.Pieces)), Pairs: size32(len(source.Pairs)), Rows: size32(len(rows.rows) / dimension),
		TextBytes: size32(len(text)), ProvenanceBytes: size32(len(provenance)),
	}
	data, err := binary.Append(nil, binary.LittleEndian, h)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	var pairs []byte
	for _, pair := range source.Pairs {
		pairs = binary.LittleEndian.AppendUint32(pairs, pair[0])
		pairs = binary.LittleEndian.AppendUint32(pairs, pair[1])
	}
	for _, part := range [][]byte{provenance, offsets, rows.rowOf, rows.scales, pairs, text, rows.rows} {
		data = append(data, part...)
	}
	sum := sha256.Sum256(data)
	data = append(data, sum[:]...)
	if _, err := ParseTable(data); err != nil { // what cannot be read must not be written
		return nil, fmt.Errorf("%w: %w", ErrSource, err)
	}
	return data, nil
}

// check makes sure that the parts fit together and gives the dimension.
func (s *Source) check() (dimension int, err error) {
	entries := len(s.Pieces) + len(s.Pairs)
	if len(s.Vectors) != entries {
		return 0, fmt.Errorf("%w: %d vectors for %d entries", ErrSource, len(s.Vectors), entries)
	}
	if len(s.Pieces) >= maxTokens || len(s.Pairs) >= maxTokens {
		return 0, fmt.Errorf("%w: at most %d tokens and as many pairs", ErrSource, maxTokens-1)
	}
	for i, vector := range s.Vectors {
		if vector == nil {
			continue
		}
		if dimension == 0 {
			dimension = len(vector)
		}
		if len(vector) != dimension || dimension < 1 || dimension > MaxDimension {
			return 0, fmt.Errorf("%w: vector %d has %d elements", ErrSource, i, len(vector))
		}
		for _, x := range vector {
			if !(math.Abs(float64(x)) <= maxScale) {
				return 0, fmt.Errorf("%w: vector %d holds %v", ErrSource, i, x)
			}
		}
	}
	if dimension == 0 {
		return 0, fmt.Errorf("%w: no vectors", ErrSource)
	}
	return dimension, nil
}

func size32(n int) uint32 { return uint32(n) }

// quantized are rows of signed bytes and, for each entry, its row and scale.
type quantized struct {
	rowOf, scales, rows []byte
}

// quantizeAll rounds every vector to signed bytes times a scale of its own.
// Equal rows are stored once.
func quantizeAll(vectors [][]float32, dimension int) quantized {
	var (
		q    quantized
		seen = map[string]uint32{}
		row  = make([]byte, dimension)
	)
	for _, vector := range vectors {
		at, scale := uint32(noRow), float32(0)
		if vector != nil {
			scale = quantize(row, vector)
			known, ok := seen[string(row)]
			if !ok {
				known = size32(len(seen))
				seen[string(row)] = known
				q.rows = append(q.rows, row...)
			}
			at = known
		}
		q.rowOf = binary.LittleEndian.AppendUint32(q.rowOf, at)
		q.scales = binary.LittleEndian.AppendUint32(q.scales, math.Float32bits(scale))
	}
	return q
}

// quantize rounds vector to row × scale.
func quantize(row []byte, vector []float32) (scale float32) {
	var largest float64
	for _, x := range vector {
		largest = max(largest, math.Abs(float64(x)))
	}
	if largest == 0 {
		clear(row)
		return 0
	}
	for i, x := range vector {
		row[i] = byte(int8(math.RoundToEven(float64(x) / largest * math.MaxInt8)))
	}
	return float32(largest / math.MaxInt8)
}
