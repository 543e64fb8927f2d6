package classify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"slices"
	"unsafe"

	"github.com/semroute/semroute/internal/mapped"
	"github.com/semroute/semroute/internal/plainfile"
)

// ErrCorrupt is the error of UnmarshalBinary for bytes that are not a whole
// model of this version.
var ErrCorrupt = errors.New("classify: corrupt model")

// magic names the format and its version. A model of another version is
// rebuilt, never read.
const magic = "semroute classify 6\n"

// MarshalBinary encodes the model. The same model gives the same bytes: the
// magic, the fields in little-endian order, and a CRC-32C of all before it.
func (m *Model) MarshalBinary() ([]byte, error) {
	w := writer{b: make([]byte, 0, len(m.weights)+16*len(m.vocab.hashes)+predictionSize*len(m.held)+1<<16)}
	w.b = append(w.b, magic...)
	w.text(m.key)
	w.number(m.routes, m.stride, m.vocab.words)
	w.floats(m.mean)
	w.number(len(m.vocab.hashes))
	for _, h := range m.vocab.hashes {
		w.b = binary.LittleEndian.AppendUint64(w.b, h)
	}
	w.floats(m.vocab.idf)
	w.floats(m.scales)
	w.floats(m.denseScales)
	w.floats(m.bias)
	w.bytes(m.dense)
	w.bytes(m.weights)
	m.mapped.Keep()
	w.floats(m.none.rows)
	w.floats(m.foreign.rows)
	w.doubles(m.fusion[:]...)
	w.doubles(m.gate.nearest, m.gate.logit, m.gate.foreign, m.gate.constant, m.calibration.slope, m.calibration.shift)
	w.floats([]float32{m.thresholds.Confidence, m.thresholds.Known, m.thresholds.LeastKnown, m.chosen.scale, m.chosen.c})
	w.number(len(m.held))
	for i := range m.held {
		p := &m.held[i]
		w.number(int(p.Example), int(p.Label), int(p.Route), int(p.RunnerUp))
		w.float(p.Confidence)
		w.float(p.Margin)
		w.float(p.Known)
		w.float(p.Similarity)
	}
	return binary.LittleEndian.AppendUint32(w.b, checksum(w.b)), nil
}

// UnmarshalBinary reads what MarshalBinary wrote; data may change afterwards.
// The error is ErrCorrupt, and the model is then unusable.
func (m *Model) UnmarshalBinary(data []byte) error { return m.read(data, nil) }

// read is UnmarshalBinary. Bytes of a mapped file are used in place, which
// leaves the weights of n-grams, nearly all of a model, where they are.
func (m *Model) read(data []byte, memory *mapped.Memory) error {
	body := len(data) - 4
	if body < len(magic) || string(data[:len(magic)]) != magic {
		return fmt.Errorf("%w: not one of this version", ErrCorrupt)
	}
	if checksum(data[:body]) != binary.LittleEndian.Uint32(data[body:]) {
		return fmt.Errorf("%w: checksum differs", ErrCorrupt)
	}
	r := reader{b: data[len(magic):body], inPlace: memory != nil}
	*m = Model{vocab: &vocabulary{}, mapped: memory}
	m.key = string(r.take(r.count(1)))
	m.routes, m.stride, m.vocab.words = r.number(), r.number(), r.number()
	m.mean = r.floats()
	m.vocab.hashes = make([]uint64, r.count(8))
	for i := range m.vocab.hashes {
		m.vocab.hashes[i] = binary.LittleEndian.Uint64(r.take(8))
	}
	m.vocab.idf, m.scales = r.floats(), r.floats()
	m.denseScales, m.bias = r.floats(), r.floats()
	m.dense, m.weights = r.bytes(), r.bytes()
	m.none = strangers{dim: len(m.mean), rows: r.floats()}
	m.foreign = strangers{dim: len(m.mean), rows: r.floats()}
	for i := range m.fusion {
		m.fusion[i] = r.double()
	}
	m.gate = gate{r.double(), r.double(), r.double(), r.double()}
	m.calibration = calibration{r.double(), r.double()}
	if last := r.floats(); len(last) == 5 {
		m.thresholds = Thresholds{last[0], last[1], last[2]}
		m.chosen = settings{last[3], last[4]}
	}
	m.held = make([]Prediction, r.count(predictionSize))
	for i := range m.held {
		m.held[i] = r.prediction()
	}
	if r.failed || len(r.b) > 0 || !m.consistent() {
		return fmt.Errorf("%w: wrong lengths", ErrCorrupt)
	}
	m.vocab.index()
	return nil
}

// Open reads a file that MarshalBinary's bytes were written to, in place where
// it can. The file may be replaced or removed afterwards, but not changed. The
// error is ErrCorrupt, or that of the file.
func Open(path string) (*Model, error) {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return nil, fmt.Errorf("classify: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	about, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("classify: %w", err)
	}
	if size := about.Size(); size < int64(len(magic)) || size > math.MaxInt32 {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrCorrupt, size)
	}
	data, memory, err := mapped.Read(file, int(about.Size()))
	if err != nil {
		return nil, fmt.Errorf("classify: %w", err)
	}
	m := &Model{}
	if err := m.read(data, memory); err != nil {
		return nil, err
	}
	return m, nil
}

// consistent says whether the parts fit each other, so that scoring cannot
// reach outside of them.
func (m *Model) consistent() bool {
	grams := len(m.vocab.hashes)
	return m.routes > 0 && len(m.none.rows)%max(1, len(m.mean)) == 0 && len(m.foreign.rows)%max(1, len(m.mean)) == 0 && m.stride == columns(m.routes) && len(m.mean) > 0 &&
		len(m.vocab.idf) == grams && m.vocab.words <= grams && m.vocab.words >= 0 &&
		len(m.scales) == grams && len(m.weights) == grams*m.stride &&
		len(m.bias) == m.routes && len(m.denseScales) == m.routes && len(m.dense) == m.routes*len(m.mean)
}

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// writer appends fields.
type writer struct{ b []byte }

func (w *writer) number(list ...int) {
	for _, n := range list {
		w.b = binary.LittleEndian.AppendUint32(w.b, uint32(int32(n)))
	}
}

func (w *writer) float(x float32) {
	w.b = binary.LittleEndian.AppendUint32(w.b, math.Float32bits(x))
}

func (w *writer) floats(list []float32) {
	w.number(len(list))
	for _, x := range list {
		w.float(x)
	}
}

func (w *writer) text(s string) {
	w.number(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) bytes(list []int8) {
	w.number(len(list))
	for _, x := range list {
		w.b = append(w.b, byte(x))
	}
}

func (w *writer) doubles(list ...float64) {
	for _, x := range list {
		w.b = binary.LittleEndian.AppendUint64(w.b, math.Float64bits(x))
	}
}

// reader takes fields off; after the end it gives zeros and has failed.
type reader struct {
	b      []byte
	failed bool
	// inPlace says that b stays as it is for as long as what is read is used.
	inPlace bool
	zeros   [8]byte
}

func (r *reader) take(n int) []byte {
	if n > len(r.b) {
		r.failed = true
		r.b = nil
		if n <= len(r.zeros) {
			return r.zeros[:n]
		}
		return nil
	}
	out := r.b[:n]
	r.b = r.b[n:]
	return out
}

func (r *reader) number() int { return int(int32(binary.LittleEndian.Uint32(r.take(4)))) }

// count reads a number of items of size bytes each and refuses more than are
// there.
func (r *reader) count(size int) int {
	n := r.number()
	if n < 0 || n > len(r.b)/size {
		r.failed = true
		r.b = nil
		return 0
	}
	return n
}

func (r *reader) float() float32 { return math.Float32frombits(binary.LittleEndian.Uint32(r.take(4))) }

func (r *reader) double() float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(r.take(8)))
}

func (r *reader) floats() []float32 {
	list := make([]float32, r.count(4))
	for i := range list {
		list[i] = r.float()
	}
	return list
}

func (r *reader) bytes() []int8 {
	raw := r.take(r.count(1))
	if len(raw) == 0 {
		return nil
	}
	list := unsafe.Slice((*int8)(unsafe.Pointer(&raw[0])), len(raw))
	if !r.inPlace {
		return slices.Clone(list)
	}
	return list
}

// predictionSize is the number of bytes of an encoded Prediction.
const predictionSize = 32

func (r *reader) prediction() Prediction {
	return Prediction{
		int32(r.number()), int32(r.number()), int32(r.number()), int32(r.number()),
		r.float(), r.float(), r.float(), r.float(),
	}
}
