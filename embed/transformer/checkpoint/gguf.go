package checkpoint

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// gguf is a file of llama.cpp: settings, then where each tensor lies, then the
// tensors.
type gguf struct {
	name     string // of the file, for errors
	file     io.ReaderAt
	settings map[string]any // numbers as float64, strings and arrays of them, other arrays as ggufArrayOf
	index    map[string]ggufTensor
	start    int64 // of the tensors
	size     int64 // of the file
}

type ggufTensor struct {
	dimensions []uint64 // the innermost first
	kind       uint32
	offset     uint64
}

// Kinds of values of a setting.
const (
	ggufUint8 = iota
	ggufInt8
	ggufUint16
	ggufInt16
	ggufUint32
	ggufInt32
	ggufFloat32
	ggufBool
	ggufString
	ggufArray
	ggufUint64
	ggufInt64
	ggufFloat64
)

// ggufSizes are the bytes of the kinds that have always as many.
var ggufSizes = map[uint32]uint64{
	ggufUint8: 1, ggufInt8: 1, ggufUint16: 2, ggufInt16: 2, ggufUint32: 4, ggufInt32: 4,
	ggufFloat32: 4, ggufBool: 1, ggufUint64: 8, ggufInt64: 8, ggufFloat64: 8,
}

// ggufNumbers are the kinds of tensors that are read.
var ggufNumbers = map[uint32]number{0: f32, 1: f16, 30: bf16}

const (
	ggufMagic            = "GGUF"
	ggufDefaultAlignment = 32
	ggufMostDimensions   = 4
	ggufMostAlignment    = 1 << 20
)

var errTruncated = errors.New("more is announced than the file has: is it complete?")

// ggufReader reads a file's head and knows how much is left.
type ggufReader struct {
	buffer *bufio.Reader
	at     uint64
	size   uint64
}

func (r *ggufReader) bytes(n uint64) ([]byte, error) {
	if n > r.size-r.at {
		return nil, errTruncated
	}
	data := make([]byte, n)
	if _, err := io.ReadFull(r.buffer, data); err != nil {
		return nil, err
	}
	r.at += n
	return data, nil
}

func (r *ggufReader) uint(size uint64) (uint64, error) {
	data, err := r.bytes(size)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[:], data)
	return binary.LittleEndian.Uint64(wide[:]), nil
}

func (r *ggufReader) string() (string, error) {
	size, err := r.uint(8)
	if err != nil {
		return "", err
	}
	data, err := r.bytes(size)
	return string(data), err
}

// ggufArrayOf is an array of a kind that has always as many bytes.
type ggufArrayOf struct {
	kind uint32
	data []byte
}

// value reads a setting: a number, a bool, a string, strings or a ggufArrayOf.
func (r *ggufReader) value(kind uint32) (any, error) {
	switch kind {
	case ggufString:
		return r.string()
	case ggufArray:
		return r.array()
	}
	size, known := ggufSizes[kind]
	if !known {
		return nil, fmt.Errorf("a value of unknown kind %d", kind)
	}
	bits, err := r.uint(size)
	switch kind {
	case ggufFloat32:
		return float64(math.Float32frombits(uint32(bits))), err
	case ggufFloat64:
		return math.Float64frombits(bits), err
	case ggufBool:
		return bits != 0, err
	}
	return float64(bits), err // none of the numbers that are asked for is negative
}

func (r *ggufReader) array() (any, error) {
	kind, err := r.uint(4)
	if err != nil {
		return nil, err
	}
	count, err := r.uint(8)
	if err != nil {
		return nil, err
	}
	if size, fixed := ggufSizes[uint32(kind)]; fixed {
		if count > (r.size-r.at)/size {
			return nil, errTruncated
		}
		data, err := r.bytes(count * size)
		return ggufArrayOf{uint32(kind), data}, err
	}
	if kind != ggufString {
		return nil, fmt.Errorf("an array of kind %d", kind)
	}
	var list []string
	for range count { // ends with the file, whatever count says
		text, err := r.string()
		if err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, nil
}
