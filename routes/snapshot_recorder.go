package routes

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"
	"io/fs"
)

// recorder reads the machine's files and notes what it has seen of them.
type recorder struct {
	machine
	inputs []input
	bytes  int64 // that were read
}

func (r *recorder) record(kind, name, seen string) {
	r.inputs = append(r.inputs, input{Kind: kind, Name: name, Seen: seen})
}

func (r *recorder) stat(name string) (fs.FileInfo, error) {
	about, err := r.machine.stat(name)
	switch {
	case err != nil:
		r.record("stat", name, "nothing")
	case about.IsDir():
		r.record("stat", name, "folder")
	default:
		r.record("stat", name, "file")
	}
	return about, err
}

func (r *recorder) list(dir string) ([]fs.DirEntry, error) {
	entries, err := r.machine.list(dir)
	if err == nil {
		sum := sha256.Sum256([]byte(fileNames(entries)))
		r.record("list", dir, hex.EncodeToString(sum[:]))
	}
	return entries, err
}

func (r *recorder) open(name string, limit int64) (io.ReadCloser, error) {
	file, err := r.machine.open(name, limit)
	if err != nil {
		return nil, err
	}
	return &hashed{ReadCloser: file, recorder: r, name: name, sum: sha256.New()}, nil
}

// hashed is an open file whose content is noted when it is closed.
type hashed struct {
	io.ReadCloser
	recorder *recorder
	name     string
	sum      hash.Hash
}

func (h *hashed) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	_, _ = h.sum.Write(p[:n])
	h.recorder.bytes += int64(n)
	return n, err
}

func (h *hashed) Close() error {
	h.recorder.record("content", h.name, hex.EncodeToString(h.sum.Sum(nil)))
	return h.ReadCloser.Close()
}
