// Package modelfile is the form in which a converted model is kept: weights in 8
// bits as the kernels read them, to be mapped into memory, with the tokenizer
// and all settings.
//
// It promises that a file is read as it was written or refused: it has a
// version and a checksum, and what it says of sizes is compared with its own. The
// same model gives the same bytes, so the checksum identifies it. It leaves to
// its callers where files lie and when they are made again.
package modelfile

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/vec/gemm"
)

// ErrFile is what every error of Parse wraps: not the form, another version of
// it, or damaged.
var ErrFile = errors.New("no usable model file")

// File is a converted model. Its weights lie in the data that it was parsed from.
type File struct {
	Model     *encoder.Model
	Tokenizer Tokenizer
	// MaxTokens is how many tokens a text has at most, those around it counted.
	MaxTokens int
	// QueryPrompt and DocumentPrompt are what the model wants before texts.
	QueryPrompt, DocumentPrompt string
	// Digest identifies the content: the SHA-256 at its end, in hex.
	Digest string
}

// Parse reads a file in place: data must stay as it is as long as the File is
// used.
func Parse(data []byte) (*File, error) {
	if len(data) < fixedHead+sha256.Size || string(data[:len(magic)]) != magic {
		return nil, fmt.Errorf("%w: another kind of file", ErrFile)
	}
	if v := binary.LittleEndian.Uint32(data[len(magic):]); v != version {
		return nil, fmt.Errorf("%w: version %d, not %d", ErrFile, v, version)
	}
	content, sum := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if sha256.Sum256(content) != [sha256.Size]byte(sum) {
		return nil, fmt.Errorf("%w: its checksum is wrong", ErrFile)
	}
	return parse(content, sum)
}

// ParseTrusted is Parse without the checksum, for what is part of the program: only
// what is asked for of it is ever read into memory.
func ParseTrusted(data []byte) (*File, error) {
	if len(data) < fixedHead+sha256.Size {
		return nil, fmt.Errorf("%w: %d bytes", ErrFile, len(data))
	}
	return parse(data[:len(data)-sha256.Size], data[len(data)-sha256.Size:])
}

func parse(content, sum []byte) (*File, error) {
	f, err := parseContent(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	f.Digest = fmt.Sprintf("%x", sum)
	return f, nil
}

func parseContent(data []byte) (*File, error) {
	r := &reader{data: data, at: fixedHead}
	var h head
	text, err := r.next(int(binary.LittleEndian.Uint32(data[len(magic)+4:])))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &h); err != nil {
		return nil, err
	}
	if err := errors.Join(h.Shape.Check(), h.Pooling.Check()); err != nil {
		return nil, err
	}
	if h.MaxTokens < 3 || h.MaxTokens > h.Shape.Positions {
		return nil, fmt.Errorf("texts of %d tokens, %d positions", h.MaxTokens, h.Shape.Positions)
	}
	r.wordBits = h.WordBits
	f := &File{MaxTokens: h.MaxTokens, QueryPrompt: h.QueryPrompt, DocumentPrompt: h.DocumentPrompt}
	if f.Tokenizer, err = r.tokenizer(&h); err != nil {
		return nil, err
	}
	if f.Model, err = walk(&h.Shape, h.Pooling, r); err != nil {
		return nil, err
	}
	if r.at != len(data) {
		return nil, fmt.Errorf("%d bytes more than its sections", len(data)-r.at)
	}
	return f, f.Model.Check()
}

// reader gives the sections of a file in their order; it implements sections.
type reader struct {
	data     []byte
	at       int
	wordBits int
}

var errShort = errors.New("a section reaches beyond the end")

func (r *reader) next(size int) ([]byte, error) {
	if size < 0 || size > len(r.data)-r.at {
		return nil, errShort
	}
	part := r.data[r.at : r.at+size : r.at+size]
	r.at += size
	return part, nil
}

func (r *reader) section(size int) ([]byte, error) {
	r.at = min(aligned(r.at), len(r.data))
	return r.next(size)
}

func (r *reader) floats(count int) ([]float32, error) {
	data, err := r.section(4 * count)
	if err != nil {
		return nil, err
	}
	values := make([]float32, count)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return values, nil
}

func (r *reader) norm(_ int, _ string, size int) (n encoder.Norm, err error) {
	for _, part := range []*[]float32{&n.Gamma, &n.Beta, &n.Factors} {
		if *part, err = r.floats(size); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (r *reader) positions(rows, columns int) ([]float32, error) { return r.floats(rows * columns) }

func (r *reader) words(rows, columns int) (w encoder.Words, err error) {
	codes, groups := encoder.WordBytes(r.wordBits, columns)
	w.Bits = r.wordBits
	if w.Codes, err = r.section(rows * codes); err != nil {
		return w, err
	}
	if w.Groups, err = r.section(rows * groups); err != nil {
		return w, err
	}
	w.Scales, err = r.floats(rows)
	return w, err
}

func (r *reader) linear(inputs, outputs, _ int, names ...string) (*gemm.Weights, error) {
	outputs *= len(names)
	packed, err := r.section(inputs * outputs)
	if err != nil {
		return nil, err
	}
	scales, err := r.floats(outputs)
	if err != nil {
		return nil, err
	}
	bias, err := r.floats(outputs)
	if err != nil {
		return nil, err
	}
	return gemm.NewWeights(asInt8(packed), scales, bias, inputs)
}
