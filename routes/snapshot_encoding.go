package routes

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"slices"
)

// snapshot is what a snapshot's file holds.
type snapshot struct {
	Binary  string
	Inputs  []input
	Catalog *Catalog
}

// The file: magic, SHA-256 of the rest, length of a JSON text, that text, and
// the utterances, of which there are many: texts and places as numbers of
// variable length. Bytes are little-endian.
var snapshotMagic = []byte("semroute catalog 1\n")

var errSnapshot = errors.New("the snapshot is damaged")

func encodeSnapshot(s snapshot) ([]byte, error) {
	catalog := *s.Catalog
	catalog.None, catalog.NoneAt = nil, nil
	catalog.Routes = slices.Clone(catalog.Routes)
	for i := range catalog.Routes {
		catalog.Routes[i].Utterances, catalog.Routes[i].UtterancesAt = nil, nil
	}
	head, err := json.Marshal(snapshot{s.Binary, s.Inputs, &catalog})
	if err != nil {
		return nil, err
	}
	w := placedWriter{files: map[string]uint64{}}
	w.b = binary.LittleEndian.AppendUint64(w.b, uint64(len(head)))
	w.b = append(w.b, head...)
	for i := range s.Catalog.Routes {
		w.texts(s.Catalog.Routes[i].Utterances, s.Catalog.Routes[i].UtterancesAt)
	}
	w.texts(s.Catalog.None, s.Catalog.NoneAt)
	sum := sha256.Sum256(w.b)
	return slices.Concat(snapshotMagic, sum[:], w.b), nil
}

// placedWriter appends texts and their places.
type placedWriter struct {
	b     []byte
	files map[string]uint64 // that were named, by number from 1
}

func (w *placedWriter) number(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *placedWriter) text(s string) {
	w.number(uint64(len(s)))
	w.b = append(w.b, s...)
}

func (w *placedWriter) texts(texts []string, places []Position) {
	w.number(uint64(len(texts)))
	for _, text := range texts {
		w.text(text)
	}
	w.number(uint64(len(places)))
	for _, at := range places {
		file, known := w.files[at.File]
		w.number(file) // 0: the name follows
		if !known {
			w.files[at.File] = uint64(len(w.files) + 1)
			w.text(at.File)
		}
		w.number(uint64(at.Line))
		w.number(uint64(at.Column))
	}
}

// decodeSnapshot reads what encodeSnapshot wrote; the catalog's texts share the
// memory of one copy of data.
func decodeSnapshot(data []byte) (snapshot, error) {
	body, ok := bytes.CutPrefix(data, snapshotMagic)
	if !ok || len(body) < sha256.Size {
		return snapshot{}, errSnapshot
	}
	want, body := body[:sha256.Size], body[sha256.Size:]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], want) {
		return snapshot{}, errSnapshot
	}
	return decodeBody(body)
}

func decodeBody(body []byte) (s snapshot, err error) {
	if len(body) < 8 {
		return snapshot{}, errSnapshot
	}
	length := binary.LittleEndian.Uint64(body)
	if body = body[8:]; length > uint64(len(body)) {
		return snapshot{}, errSnapshot
	}
	if err := json.Unmarshal(body[:length], &s); err != nil || s.Catalog == nil {
		return snapshot{}, errSnapshot
	}
	r := placedReader{rest: string(body[length:])}
	for i := range s.Catalog.Routes {
		s.Catalog.Routes[i].Utterances, s.Catalog.Routes[i].UtterancesAt = r.texts()
	}
	s.Catalog.None, s.Catalog.NoneAt = r.texts()
	if r.damaged || r.rest != "" {
		return snapshot{}, errSnapshot
	}
	return s, nil
}

// placedReader takes off what a placedWriter appended. After damage everything
// is empty.
type placedReader struct {
	rest    string
	files   []string
	damaged bool
}

// number takes a number of at most limit.
func (r *placedReader) number(limit int) int {
	var n uint64
	for i := 0; i < len(r.rest) && i < binary.MaxVarintLen64; i++ {
		c := r.rest[i]
		n |= uint64(c&0x7f) << (7 * i)
		if c < 0x80 {
			r.rest = r.rest[i+1:]
			if n > uint64(limit) {
				break
			}
			return int(n)
		}
	}
	r.rest, r.damaged = "", true
	return 0
}

func (r *placedReader) text() string {
	n := r.number(len(r.rest))
	if n > len(r.rest) {
		r.rest, r.damaged = "", true
		return ""
	}
	text := r.rest[:n]
	r.rest = r.rest[n:]
	return text
}

func (r *placedReader) texts() (texts []string, places []Position) {
	if n := r.number(len(r.rest)); n > 0 { // each takes a byte at least
		texts = make([]string, n)
	}
	for i := range texts {
		texts[i] = r.text()
	}
	if n := r.number(len(r.rest)); n > 0 {
		places = make([]Position, n)
	}
	for i := range places {
		file := r.number(len(r.files))
		if file == 0 {
			r.files = append(r.files, r.text())
			file = len(r.files)
		}
		places[i] = Position{File: r.files[file-1], Line: r.number(math.MaxInt32), Column: r.number(math.MaxInt32)}
	}
	return texts, places
}
