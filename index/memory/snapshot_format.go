package memory

import (
	"encoding/binary"
	"hash"
	"hash/crc32"
	"unsafe"
)

// A snapshot file, all numbers little-endian:
//
//	header       96 bytes, see below
//	lengths      uint32: of each route's name, rows of each route, of each utterance
//	text         the routes' names, then the utterances
//	fingerprint  of the embedder
//	deleted      uint32: rows of the parent that no longer count, ascending
//	padding      to a multiple of 64
//	vectors      float32: dimension of them a row
//	codes        int8: the codes of the vectors, then the residual codes
//	scales       float32: of the codes, one a row
//	residual     float32: the largest quantisation error of the codes
//	centroids    float32: dimension of them a list
//	members      uint32: the list of each row, when there are lists
//	checksum     uint32: CRC-32C of all before it
//
// Codes, scales and residual, which can be had from the vectors, stand only in
// files without lists, whose codes lie in the order of rows, and not in files of
// the first format, which is read as well.
//
// A base file stands alone. A changes file names its parent, the base file it
// amends, by checksum; with any other base it counts as not there.
const (
	magic      = "semr-idx"
	version    = 2
	coded      = 2 // the first version with codes
	headerSize = 96
	alignment  = 64
)

type header struct {
	version     uint32
	dimension   uint32
	fileSize    uint64
	rows        uint64
	routes      uint64
	text        uint64 // bytes
	fingerprint uint64 // bytes
	deleted     uint64
	lists       uint64
	parent      uint32 // checksum of the parent; 0 in a base file
	trained     uint32
	atTop10     operatingPoint
	atTop100    operatingPoint
}

// millionths is the unit of a recall in a file.
const millionths = 1e6

func (h header) encode() []byte {
	b := make([]byte, headerSize)
	copy(b, magic)
	le := binary.LittleEndian
	le.PutUint32(b[8:], h.version)
	le.PutUint32(b[12:], h.dimension)
	for i, n := range []uint64{h.fileSize, h.rows, h.routes, h.text, h.fingerprint, h.deleted, h.lists} {
		le.PutUint64(b[16+8*i:], n)
	}
	for i, n := range []uint32{h.parent, h.trained, h.atTop10.probeCount(), h.atTop10.millionths(), h.atTop100.probeCount(), h.atTop100.millionths()} {
		le.PutUint32(b[72+4*i:], n)
	}
	return b
}

func decodeHeader(b []byte) header {
	le := binary.LittleEndian
	n := func(i int) uint64 { return le.Uint64(b[16+8*i:]) }
	return header{
		version:   le.Uint32(b[8:]),
		dimension: le.Uint32(b[12:]),
		fileSize:  n(0), rows: n(1), routes: n(2), text: n(3), fingerprint: n(4), deleted: n(5), lists: n(6),
		parent: le.Uint32(b[72:]), trained: le.Uint32(b[76:]),
		atTop10:  operatingPoint{probes: int(le.Uint32(b[80:])), recall: float64(le.Uint32(b[84:])) / millionths},
		atTop100: operatingPoint{probes: int(le.Uint32(b[88:])), recall: float64(le.Uint32(b[92:])) / millionths},
	}
}

func (e operatingPoint) probeCount() uint32 { return uint32(e.probes) }
func (e operatingPoint) millionths() uint32 { return uint32(e.recall * millionths) }

// coded says that the file holds codes.
func (h header) coded() bool { return h.version >= coded && h.lists == 0 }

// layout is where the sections of a file begin, in bytes.
type layout struct {
	lengths, text, fingerprint, deleted, vectors, codes, scales, centroids, members, checksum, end uint64
}

// layout computes the places. The counts must be bounded by the file's size,
// so that nothing overflows.
func (h header) layout() layout {
	var l layout
	row := 4 * uint64(h.dimension)
	l.lengths = headerSize
	l.text = l.lengths + 4*(2*h.routes+h.rows)
	l.fingerprint = l.text + h.text
	l.deleted = l.fingerprint + h.fingerprint
	l.vectors = (l.deleted + 4*h.deleted + alignment - 1) / alignment * alignment
	l.codes = l.vectors + h.rows*row
	l.scales, l.centroids = l.codes, l.codes
	if h.coded() {
		l.scales = l.codes + h.rows*row/2
		l.centroids = l.scales + 4*h.rows + 4
	}
	l.members = l.centroids + h.lists*row
	l.checksum = l.members
	if h.lists > 0 {
		l.checksum += 4 * h.rows
	}
	l.end = l.checksum + 4
	return l
}

func newChecksum() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// int8s reads an int8 section in place.
func int8s(b []byte) []int8 {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*int8)(unsafe.Pointer(&b[0])), len(b))
}

// floats reads a float32 section, in place where the machine's byte order and
// the alignment allow it.
func floats(b []byte) []float32 {
	if len(b) == 0 {
		return nil
	}
	little := binary.NativeEndian.Uint16([]byte{1, 0}) == 1
	if little && uintptr(unsafe.Pointer(&b[0]))%4 == 0 {
		return unsafe.Slice((*float32)(unsafe.Pointer(&b[0])), len(b)/4)
	}
	v := make([]float32, len(b)/4)
	_, _ = binary.Decode(b, binary.LittleEndian, v) // lengths agree
	return v
}
