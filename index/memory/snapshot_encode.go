package memory

import (
	"bufio"
	"encoding/binary"
	"hash"
	"io"
	"unsafe"
)

// contents is what one file holds.
type contents struct {
	segment *segment
	deleted []int32 // rows of the parent; in a changes file
	parent  uint32  // checksum of the parent; in a changes file
}

// encode writes a file and returns its checksum.
func encode(w io.Writer, c contents, fingerprint string) (uint32, error) {
	c.segment.fillResiduals() // nobody else sees it yet
	buffered := bufio.NewWriterSize(w, 1<<20)
	h := headerOf(c, fingerprint)
	l := h.layout()
	h.fileSize = l.end
	e := &encoder{w: buffered, sum: newChecksum()}
	e.bytes(h.encode())
	e.keys(c.segment)
	e.text(fingerprint)
	for _, row := range c.deleted {
		e.number(row)
	}
	e.bytes(make([]byte, l.vectors-e.at))
	e.floats(c.segment.vectors, c.segment.dimension)
	if h.coded() {
		e.codes(c.segment)
	}
	if lists := c.segment.ivf; lists != nil {
		e.floats(lists.centroids.vectors, c.segment.dimension)
		for _, position := range lists.positions {
			e.number(lists.of(position))
		}
	}
	c.segment.mapped.Keep()
	sum := e.sum.Sum32()
	e.number(int32(sum))
	if e.err != nil {
		return 0, e.err
	}
	return sum, buffered.Flush()
}

func headerOf(c contents, fingerprint string) header {
	s := c.segment
	h := header{
		version:     version,
		dimension:   uint32(s.dimension),
		rows:        uint64(len(s.utterances)),
		routes:      uint64(len(s.routes)),
		fingerprint: uint64(len(fingerprint)),
		deleted:     uint64(len(c.deleted)),
		parent:      c.parent,
	}
	for _, route := range s.routes {
		h.text += uint64(len(route))
	}
	for _, utterance := range s.utterances {
		h.text += uint64(len(utterance))
	}
	if s.exactOnly {
		h.trained = uint32(s.size())
	}
	if l := s.ivf; l != nil {
		h.lists = uint64(l.centroids.size())
		h.trained = uint32(l.trained)
		h.atTop10, h.atTop100 = l.atTop10, l.atTop100
	}
	return h
}

// encoder writes the sections one after the other, sums them up and keeps the
// first error.
type encoder struct {
	w   io.Writer
	sum hash.Hash32
	at  uint64
	err error
	buf []byte
}

func (e *encoder) bytes(b []byte) {
	if e.err != nil {
		return
	}
	e.sum.Write(b)
	e.at += uint64(len(b))
	_, e.err = e.w.Write(b)
}

func (e *encoder) text(s string) {
	e.buf = append(e.buf[:0], s...)
	e.bytes(e.buf)
}

func (e *encoder) number(n int32) {
	e.buf = binary.LittleEndian.AppendUint32(e.buf[:0], uint32(n))
	e.bytes(e.buf)
}

func (e *encoder) keys(s *segment) {
	for _, route := range s.routes {
		e.number(int32(len(route)))
	}
	for i := range s.routes {
		e.number(s.first[i+1] - s.first[i])
	}
	for _, utterance := range s.utterances {
		e.number(int32(len(utterance)))
	}
	for _, route := range s.routes {
		e.text(route)
	}
	for _, utterance := range s.utterances {
		e.text(utterance)
	}
}

// codes writes codes and residual codes and what belongs to them.
func (e *encoder) codes(s *segment) {
	for _, codes := range [][]int8{s.codes, s.residualCodes} {
		if len(codes) > 0 {
			e.bytes(unsafe.Slice((*byte)(unsafe.Pointer(&codes[0])), len(codes)))
		}
	}
	e.floats(s.scales, 1)
	e.floats([]float32{s.maxError}, 1)
}

func (e *encoder) floats(v []float32, dimension int) {
	for ; len(v) > 0 && e.err == nil; v = v[dimension:] {
		e.buf, e.err = binary.Append(e.buf[:0], binary.LittleEndian, v[:dimension])
		e.bytes(e.buf)
	}
}
