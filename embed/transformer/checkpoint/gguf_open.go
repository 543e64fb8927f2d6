package checkpoint

import (
	"bufio"
	"fmt"
	"io"
)

func openGGUF(name string, file io.ReaderAt, size int64) (*gguf, error) {
	g := &gguf{name: name, file: file, size: size, settings: map[string]any{}, index: map[string]ggufTensor{}}
	r := &ggufReader{buffer: bufio.NewReader(io.NewSectionReader(file, 0, size)), size: uint64(size)}
	if err := g.readHead(r); err != nil {
		return nil, g.bad("%w", err)
	}
	alignment := uint64(ggufDefaultAlignment)
	if asked, ok := g.settings["general.alignment"].(float64); ok {
		if !(asked >= 1 && asked <= ggufMostAlignment) {
			return nil, g.bad("general.alignment is %v", asked)
		}
		alignment = uint64(asked)
	}
	g.start = int64((r.at + alignment - 1) / alignment * alignment)
	return g, nil
}

func (g *gguf) bad(format string, args ...any) error {
	return fmt.Errorf("%w: %s: %w", ErrCheckpoint, g.name, fmt.Errorf(format, args...))
}

func (g *gguf) readHead(r *ggufReader) error {
	magic, err := r.bytes(uint64(len(ggufMagic)))
	if err != nil || string(magic) != ggufMagic {
		return fmt.Errorf("no GGUF file")
	}
	version, err := r.uint(4)
	if err != nil {
		return err
	}
	if version != 2 && version != 3 {
		return fmt.Errorf("GGUF version %d; 2 and 3 are read", version)
	}
	tensors, err := r.uint(8)
	if err != nil {
		return err
	}
	settings, err := r.uint(8)
	if err != nil {
		return err
	}
	for range settings {
		if err := g.readSetting(r); err != nil {
			return err
		}
	}
	for range tensors {
		if err := g.readTensor(r); err != nil {
			return err
		}
	}
	return nil
}

func (g *gguf) readSetting(r *ggufReader) error {
	key, err := r.string()
	if err != nil {
		return err
	}
	kind, err := r.uint(4)
	if err != nil {
		return err
	}
	value, err := r.value(uint32(kind))
	if err != nil {
		return fmt.Errorf("%.80q: %w", key, err)
	}
	g.settings[key] = value
	return nil
}

func (g *gguf) readTensor(r *ggufReader) error {
	name, err := r.string()
	if err != nil {
		return err
	}
	dimensions, err := r.uint(4)
	if err != nil {
		return err
	}
	if dimensions > ggufMostDimensions {
		return fmt.Errorf("tensor %.80q has %d dimensions", name, dimensions)
	}
	var t ggufTensor
	for range dimensions {
		d, err := r.uint(8)
		if err != nil {
			return err
		}
		t.dimensions = append(t.dimensions, d)
	}
	kind, err := r.uint(4)
	if err != nil {
		return err
	}
	t.kind = uint32(kind)
	if t.offset, err = r.uint(8); err != nil {
		return err
	}
	g.index[name] = t
	return nil
}

// read implements tensors.
func (g *gguf) read(tensor string, rows, columns int) ([]float32, error) {
	t, ok := g.index[tensor]
	if !ok {
		return nil, g.bad("no tensor %s", tensor)
	}
	count := uint64(columns)
	want := []uint64{uint64(columns)}
	if rows > 0 {
		want = append(want, uint64(rows))
		count *= uint64(rows)
	}
	for i := range want {
		if len(t.dimensions) != len(want) || t.dimensions[i] != want[i] {
			return nil, g.bad("tensor %s: it is %d, not %d, the innermost first", tensor, t.dimensions, want)
		}
	}
	kind, ok := ggufNumbers[t.kind]
	if !ok {
		return nil, g.bad("tensor %s: numbers of GGML type %d; F32, F16 and BF16 are read: take the model in one of those", tensor, t.kind)
	}
	left := g.size - g.start
	if left < 0 || t.offset > uint64(left) || count*uint64(kind.size()) > uint64(left)-t.offset {
		return nil, g.bad("tensor %s: %w", tensor, errTruncated)
	}
	values, err := kind.decode(g.file, g.start+int64(t.offset), int64(count))
	if err != nil {
		return nil, g.bad("tensor %s: %w", tensor, err)
	}
	return values, nil
}
