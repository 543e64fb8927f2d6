package static

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/semroute/semroute/internal/plainfile"
)

// Errors of reading a table.
var (
	// ErrNotTable: the bytes are not a table of token vectors at all.
	ErrNotTable = errors.New("not a table of token vectors")
	// ErrTableVersion: the table was written by another version of distill.
	ErrTableVersion = errors.New("table of an unknown version: make it again with semroute distill")
	// ErrTableCorrupt: the table is damaged or was made by something else.
	ErrTableCorrupt = errors.New("table is corrupt: fetch it or make it again with semroute distill")
)

// Limits of what a table may hold.
const (
	MaxDimension  = 4096
	MaxTableBytes = 256 << 20
)

const (
	tableMagic   = "SRSTATIC"
	tableVersion = 1
	headerBytes  = 64
	noRow        = math.MaxUint32 // a token without a vector
)

// Provenance says where a table comes from and how to make it again.
type Provenance struct {
	Teacher       string `json:"teacher"`        // the model's name
	TeacherDigest string `json:"teacher_digest"` // its embedder's fingerprint
	Command       string `json:"command"`
	Date          string `json:"date"` // YYYY-MM-DD
	License       string `json:"license"`
	Note          string `json:"note,omitempty"`
}

// Table is a read-only table of token vectors, used in place: the bytes it
// was parsed from must never change. It is safe for concurrent use.
//
// Layout, all numbers little-endian: the header (magic, version, dimension,
// tokens, pairs, rows, bytes of token text, bytes of provenance, zeros
// up to 64 bytes), the provenance as JSON, where each token's text starts and
// the last ends, the row of each entry, the scale of each entry, two token ids
// of each pair, the token texts, the rows of signed bytes, and the SHA-256 of
// all before it. An entry is a token or a pair of neighbouring tokens; entries
// may share a row.
type Table struct {
	provenance  Provenance
	fingerprint string
	dimension   int
	vocab       *vocabulary
	pairs       *pairIndex
	rowOf       []byte
	scales      []byte
	rows        []byte
}

// Provenance says where the table comes from.
func (t *Table) Provenance() Provenance { return t.provenance }

// Dimension is the length of its vectors.
func (t *Table) Dimension() int { return t.dimension }

// Fingerprint is the SHA-256 of the table in hexadecimal.
func (t *Table) Fingerprint() string { return t.fingerprint }

// Tokenizer splits text into the WordPiece tokens of the table's vocabulary.
func (t *Table) Tokenizer() *Tokenizer { return &Tokenizer{vocab: t.vocab} }

// OpenTable reads the table in a file, at most MaxTableBytes long.
func OpenTable(path string) (*Table, error) {
	data, err := plainfile.Read(path, MaxTableBytes)
	if errors.Is(err, plainfile.ErrTooLarge) {
		err = fmt.Errorf("%w: %w", ErrTableCorrupt, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open table: %w", err)
	}
	table, err := ParseTable(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return table, nil
}

// ParseTable checks every byte of data and keeps it.
func ParseTable(data []byte) (*Table, error) {
	if _, err := readLayout(data); err != nil {
		return nil, err
	}
	body := data[:len(data)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], data[len(body):]) {
		return nil, fmt.Errorf("%w: checksum does not match", ErrTableCorrupt)
	}
	table, err := parseTrusted(data)
	if err != nil {
		return nil, err
	}
	if err := table.checkEntries(); err != nil {
		return nil, err
	}
	return table, nil
}

// parseTrusted reads a table without touching its entries and rows, so that a
// compiled-in table costs neither time nor memory until its tokens are used.
func parseTrusted(data []byte) (*Table, error) {
	l, err := readLayout(data)
	if err != nil {
		return nil, err
	}
	t := &Table{dimension: l.dimension, rowOf: l.rowOf, scales: l.scales, rows: l.rows}
	t.fingerprint = fmt.Sprintf("%x", data[len(data)-sha256.Size:])
	decoder := json.NewDecoder(bytes.NewReader(l.provenance))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&t.provenance); err != nil {
		return nil, fmt.Errorf("%w: provenance: %w", ErrTableCorrupt, err)
	}
	if t.vocab, err = newVocabulary(l.text, l.offsets); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrTableCorrupt, err)
	}
	if t.pairs, err = newPairIndex(l.pairs, t.vocab.tokens); err != nil {
		return nil, err
	}
	return t, nil
}

// entry is the row and scale of an entry; false when it has no vector.
func (t *Table) entry(i int) (row []byte, scale float32, ok bool) {
	at := binary.LittleEndian.Uint32(t.rowOf[4*i:])
	if at == noRow {
		return nil, 0, false
	}
	scale = math.Float32frombits(binary.LittleEndian.Uint32(t.scales[4*i:]))
	start := int(at) * t.dimension
	return t.rows[start : start+t.dimension], scale, true
}

// checkEntries makes sure that every entry has a row and a usable scale, and
// that [UNK] is not the zero vector.
func (t *Table) checkEntries() error {
	rows := uint64(len(t.rows) / t.dimension)
	for i := range len(t.rowOf) / 4 {
		at := binary.LittleEndian.Uint32(t.rowOf[4*i:])
		scale := math.Float32frombits(binary.LittleEndian.Uint32(t.scales[4*i:]))
		if at != noRow && uint64(at) >= rows {
			return fmt.Errorf("%w: entry %d names row %d of %d", ErrTableCorrupt, i, at, rows)
		}
		if !(scale >= 0 && scale <= maxScale) {
			return fmt.Errorf("%w: entry %d has scale %v", ErrTableCorrupt, i, scale)
		}
	}
	row, scale, ok := t.entry(int(t.vocab.unknown))
	if !ok || scale < minUnknownScale || len(bytes.Trim(row, "\x00")) == 0 {
		return fmt.Errorf("%w: %s has no vector or a zero one", ErrTableCorrupt, unknownPiece)
	}
	return nil
}

const (
	// maxScale keeps sums of many rows far from overflow.
	maxScale = 1e6
	// minUnknownScale keeps the length of the [UNK] vector far from underflow.
	minUnknownScale = 1e-9
)
