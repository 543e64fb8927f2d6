package background

import (
	_ "embed" // the file below
	"encoding/binary"
	"fmt"
	"math"
)

// shipped are the prompts' vectors by the program's own model: the line of
// Header, the dimension, then of each prompt a scale and a byte a number, in
// little-endian order.
//
//go:embed bge-small-en-v1.5.vectors
var shipped []byte

// Header is the first line of a file of vectors: by what embedder they were made,
// of what prompts.
func Header(embedder, prompts string) string { return embedder + " " + prompts + "\n" }

// Encode writes vectors as the file that Vectors reads.
func Encode(embedder, prompts string, vectors [][]float32) []byte {
	b := []byte(Header(embedder, prompts))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(vectors[0])))
	for _, v := range vectors {
		var top float32
		for _, x := range v {
			top = max(top, x, -x)
		}
		scale := top / 127
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(scale))
		for _, x := range v {
			b = append(b, byte(int8(math.Round(float64(x/scale)))))
		}
	}
	return b
}

// Vectors are the unit vectors of all prompts in their order, where they come
// with the program for this embedder and these prompts; else nil.
func Vectors(embedder, prompts string) ([][]float32, error) {
	return decode(shipped, Header(embedder, prompts))
}

func decode(data []byte, header string) ([][]float32, error) {
	if len(data) < len(header)+4 || string(data[:len(header)]) != header {
		return nil, nil
	}
	data = data[len(header):]
	dim := int(binary.LittleEndian.Uint32(data))
	data = data[4:]
	if dim == 0 || len(data)%(dim+4) != 0 {
		return nil, fmt.Errorf("background: vectors of %d bytes do not fit %d dimensions", len(data), dim)
	}
	vectors := make([][]float32, len(data)/(dim+4))
	for i := range vectors {
		row := data[i*(dim+4) : (i+1)*(dim+4)]
		scale := math.Float32frombits(binary.LittleEndian.Uint32(row))
		v, square := make([]float32, dim), 0.0
		for j, b := range row[4:] {
			v[j] = scale * float32(int8(b))
			square += float64(v[j]) * float64(v[j])
		}
		for j := range v {
			v[j] /= float32(math.Sqrt(square))
		}
		vectors[i] = v
	}
	return vectors, nil
}
