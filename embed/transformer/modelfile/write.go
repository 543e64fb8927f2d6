package modelfile

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"unsafe"

	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/vec/gemm"
)

// Write converts a checkpoint, with the table of tokens in 8 bits a number or 4.
// Weights that are no finite numbers are an checkpoint.ErrCheckpoint that names the
// tensor. It holds the converted model in memory, to see what passes through it
// before it is converted for good.
func Write(to io.Writer, c *checkpoint.Checkpoint, wordBits int) error {
	var plain bytes.Buffer
	if err := write(&plain, c, wordBits, nil); err != nil {
		return err
	}
	f, err := factors(c, plain.Bytes())
	if err != nil {
		return err
	}
	return write(to, c, wordBits, f)
}

func write(to io.Writer, c *checkpoint.Checkpoint, wordBits int, factors [][]float32) error {
	hash := sha256.New()
	buffer := bufio.NewWriterSize(io.MultiWriter(to, hash), 1<<16)
	w := &writer{to: buffer, from: c, wordBits: wordBits, factors: factors}
	if err := w.head(); err != nil {
		return err
	}
	if _, err := walk(&c.Shape, c.Pooling, w); err != nil {
		return err
	}
	if err := buffer.Flush(); err != nil {
		return err
	}
	_, err := to.Write(hash.Sum(nil))
	return err
}

// writer reads, converts and writes a model's sections; it implements sections
// and keeps nothing of them.
type writer struct {
	to   *bufio.Writer
	from *checkpoint.Checkpoint
	at   int

	wordBits int
	factors  [][]float32 // of the norms, see encoder.Norm; none: ones
}

func (w *writer) write(data []byte) error {
	w.at += len(data)
	_, err := w.to.Write(data)
	return err
}

// section writes data at the next multiple of align.
func (w *writer) section(data []byte) error {
	if err := w.write(make([]byte, aligned(w.at)-w.at)); err != nil {
		return err
	}
	return w.write(data)
}

func (w *writer) floats(values []float32) error {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return w.section(data)
}

func (w *writer) head() error {
	c := w.from
	settings, parts, err := tokenizerOf(c)
	if err != nil {
		return fmt.Errorf("%w: tokenizer: %w", checkpoint.ErrCheckpoint, err)
	}
	text, err := json.Marshal(head{
		Shape: c.Shape, WordBits: w.wordBits, Pooling: c.Pooling, MaxTokens: c.MaxTokens, QueryPrompt: c.QueryPrompt, DocumentPrompt: c.DocumentPrompt,
		tokenizers: settings,
	})
	if err != nil {
		return err
	}
	if len(text) > mostHead {
		return fmt.Errorf("%w: settings of %d bytes", checkpoint.ErrCheckpoint, len(text))
	}
	fixed := binary.LittleEndian.AppendUint32([]byte(magic), version)
	fixed = binary.LittleEndian.AppendUint32(fixed, uint32(len(text)))
	if err := w.write(append(fixed, text...)); err != nil {
		return err
	}
	for _, part := range parts {
		if err := w.section(part); err != nil {
			return err
		}
	}
	return nil
}

// finite says when a tensor has values that are no numbers.
func finite(name string, values []float32) error {
	for i, v := range values {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			return fmt.Errorf("%w: tensor %s: value %d is %v", checkpoint.ErrCheckpoint, name, i, v)
		}
	}
	return nil
}

func (w *writer) matrix(name string, rows, columns int) ([]float32, error) {
	values, err := w.from.Matrix(name, rows, columns)
	if err != nil {
		return nil, err
	}
	return values, finite(name, values)
}

func (w *writer) vector(name string, length int) ([]float32, error) {
	values, err := w.from.Vector(name, length)
	if err != nil {
		return nil, err
	}
	return values, finite(name, values)
}

// factorsAfter are those of a norm, ones where there are none.
func (w *writer) factorsAfter(norm, size int) []float32 {
	if norm < 0 || norm >= len(w.factors) {
		return slices.Repeat([]float32{1}, size)
	}
	return w.factors[norm]
}

func (w *writer) norm(i int, name string, size int) (encoder.Norm, error) {
	factors := w.factorsAfter(i, size)
	for _, part := range []string{".weight", ".bias"} {
		values, err := w.vector(name+part, size)
		if err != nil {
			return encoder.Norm{}, err
		}
		for j := range values {
			values[j] /= factors[j]
		}
		if err := w.floats(values); err != nil {
			return encoder.Norm{}, err
		}
	}
	return encoder.Norm{}, w.floats(factors)
}

func (w *writer) words(rows, columns int) (encoder.Words, error) {
	values, err := w.matrix("embeddings.word_embeddings.weight", rows, columns)
	if err != nil {
		return encoder.Words{}, err
	}
	words := quantizeWords(values, rows, columns, w.wordBits)
	if err := w.section(words.Codes); err != nil {
		return encoder.Words{}, err
	}
	if err := w.section(words.Groups); err != nil {
		return encoder.Words{}, err
	}
	return encoder.Words{}, w.floats(words.Scales)
}

func (w *writer) positions(_, columns int) ([]float32, error) {
	values, err := w.from.Positions()
	if err != nil {
		return nil, err
	}
	if err := finite(checkpoint.PositionsTensor, values); err != nil {
		return nil, err
	}
	types, err := w.firstType(columns)
	if err != nil {
		return nil, err
	}
	for i := range values {
		values[i] += types[i%columns]
	}
	return nil, w.floats(values)
}

// firstType is the row of token type 0, which all tokens of a text have. Models
// have two types, and some that were cut down one.
func (w *writer) firstType(columns int) ([]float32, error) {
	const name = "embeddings.token_type_embeddings.weight"
	types, err := w.matrix(name, 2, columns)
	if err != nil {
		var lone error
		if types, lone = w.matrix(name, 1, columns); lone != nil {
			return nil, err
		}
	}
	return types[:columns], nil
}

func (w *writer) linear(inputs, outputs, after int, names ...string) (*gemm.Weights, error) {
	var values, bias []float32
	factors := w.factorsAfter(after, inputs)
	for _, name := range names {
		part, err := w.matrix(name+".weight", outputs, inputs)
		if err != nil {
			return nil, err
		}
		values = append(values, part...)
		if part, err = w.vector(name+".bias", outputs); err != nil {
			return nil, err
		}
		bias = append(bias, part...)
	}
	for i := range values {
		values[i] *= factors[i%inputs]
	}
	rows := outputs * len(names)
	q, scales := gemm.QuantizeRows(values, rows, inputs)
	if err := w.section(asBytes(gemm.Pack(q, rows, inputs))); err != nil {
		return nil, err
	}
	if err := w.floats(scales); err != nil {
		return nil, err
	}
	return nil, w.floats(bias)
}

// asBytes and asInt8 look at the same memory as other numbers of 8 bits.
func asBytes(q []int8) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(q))), len(q))
}

func asInt8(b []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}
