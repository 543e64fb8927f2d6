package checkpoint

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// safetensors is a file of tensors: the length of a JSON head in 8 bytes, the
// head, which says where each tensor lies behind it, and the tensors.
type safetensors struct {
	name  string // of the file, for errors
	file  io.ReaderAt
	start int64 // of the tensors
	size  int64 // of all of them
	index map[string]entry
}

type entry struct {
	Type    number   `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

const (
	lengthBytes = 8
	// mostHead bounds the head, which has some 200 bytes a tensor.
	mostHead = 16 << 20
)

func openSafetensors(name string, file io.ReaderAt, size int64) (*safetensors, error) {
	s := &safetensors{name: name, file: file}
	var length [lengthBytes]byte
	if size < lengthBytes {
		return nil, s.bad("a file of %d bytes is none", size)
	}
	if _, err := file.ReadAt(length[:], 0); err != nil {
		return nil, s.bad("its length: %w", err)
	}
	head := binary.LittleEndian.Uint64(length[:])
	if head > mostHead || int64(head) > size-lengthBytes {
		return nil, s.bad("its head has %d bytes, the file %d: is it complete?", head, size)
	}
	s.start = lengthBytes + int64(head)
	s.size = size - s.start
	data := make([]byte, head)
	if _, err := file.ReadAt(data, lengthBytes); err != nil {
		return nil, s.bad("its head: %w", err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, s.bad("its head: %w", err)
	}
	delete(raw, "__metadata__")
	s.index = make(map[string]entry, len(raw))
	for tensor, text := range raw {
		var e entry
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, s.bad("tensor %s: %w", tensor, err)
		}
		if from, to := e.Offsets[0], e.Offsets[1]; from < 0 || to < from || to > s.size {
			return nil, s.bad("tensor %s: bytes %d to %d of %d: is the file complete?", tensor, from, to, s.size)
		}
		s.index[tensor] = e
	}
	return s, nil
}

func (s *safetensors) bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s: %w", ErrCheckpoint, s.name, fmt.Errorf(format, args...))
}

func (s *safetensors) has(tensor string) bool { _, ok := s.index[tensor]; return ok }

// read implements tensors.
func (s *safetensors) read(tensor string, rows, columns int) ([]float32, error) {
	e, ok := s.index[tensor]
	if !ok {
		return nil, s.bad("no tensor %s", tensor)
	}
	want := []int64{int64(rows), int64(columns)}
	if rows == 0 {
		want = want[1:]
	}
	count := int64(1)
	for i := range want {
		if len(e.Shape) != len(want) || e.Shape[i] != want[i] {
			return nil, s.bad("tensor %s: it is %d, not %d", tensor, e.Shape, want)
		}
		count *= want[i]
	}
	size := e.Type.size()
	if size == 0 {
		return nil, s.bad("tensor %s: numbers of type %s; F32, F16 and BF16 are read", tensor, e.Type)
	}
	if got := e.Offsets[1] - e.Offsets[0]; got != count*size {
		return nil, s.bad("tensor %s: %d bytes for %d numbers of type %s", tensor, got, count, e.Type)
	}
	values, err := e.Type.decode(s.file, s.start+e.Offsets[0], count)
	if err != nil {
		return nil, s.bad("tensor %s: %w", tensor, err)
	}
	return values, nil
}
