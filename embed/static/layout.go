package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// layout is a table cut into its parts; nothing is copied.
type layout struct {
	dimension                                             int
	provenance, offsets, rowOf, scales, pairs, text, rows []byte
}

// readLayout cuts data into the parts that its header announces. The parts
// must fill it exactly.
func readLayout(data []byte) (layout, error) {
	if !bytes.HasPrefix(data, []byte(tableMagic)) {
		return layout{}, fmt.Errorf("%w: it does not begin with %s", ErrNotTable, tableMagic)
	}
	if len(data) < headerBytes+sha256.Size {
		return layout{}, fmt.Errorf("%w: only %d bytes", ErrTableCorrupt, len(data))
	}
	var h header
	if _, err := binary.Decode(data, binary.LittleEndian, &h); err != nil {
		return layout{}, fmt.Errorf("%w: %w", ErrTableCorrupt, err)
	}
	if h.Version != tableVersion {
		return layout{}, fmt.Errorf("%w: version %d, this program reads %d", ErrTableVersion, h.Version, tableVersion)
	}
	if err := h.check(uint64(len(data))); err != nil {
		return layout{}, err
	}
	rest := data[headerBytes : len(data)-sha256.Size]
	take := func(size uint64) []byte {
		part := rest[:size:size]
		rest = rest[size:]
		return part
	}
	l := layout{dimension: int(h.Dimension)}
	sizes := h.parts()
	for i, part := range []*[]byte{&l.provenance, &l.offsets, &l.rowOf, &l.scales, &l.pairs, &l.text, &l.rows} {
		*part = take(sizes[i])
	}
	return l, nil
}

// header is the beginning of a table, as stored.
type header struct {
	Magic                                   [8]byte
	Version, Dimension, Tokens, Pairs, Rows uint32
	TextBytes, ProvenanceBytes              uint32
	Reserved                                [7]uint32
}

// parts are the sizes in bytes of what follows the header, in order.
func (h *header) parts() [7]uint64 {
	entries := uint64(h.Tokens) + uint64(h.Pairs)
	return [7]uint64{
		uint64(h.ProvenanceBytes), 4 * (uint64(h.Tokens) + 1), 4 * entries, 4 * entries,
		8 * uint64(h.Pairs), uint64(h.TextBytes), uint64(h.Rows) * uint64(h.Dimension),
	}
}

// check compares the header with the limits and with the size of the table.
func (h *header) check(size uint64) error {
	if h.Dimension < 1 || h.Dimension > MaxDimension {
		return fmt.Errorf("%w: dimension %d, 1 to %d are possible", ErrTableCorrupt, h.Dimension, MaxDimension)
	}
	if h.Reserved != [7]uint32{} {
		return fmt.Errorf("%w: reserved bytes are not zero", ErrTableCorrupt)
	}
	want := uint64(headerBytes + sha256.Size)
	for _, part := range h.parts() {
		want += part // at most 2^45: no overflow
	}
	if want != size {
		return fmt.Errorf("%w: %d bytes, its header asks for %d", ErrTableCorrupt, size, want)
	}
	return nil
}
