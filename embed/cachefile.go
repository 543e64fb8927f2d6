package embed

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"

	"github.com/semroute/semroute/internal/mapped"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/internal/vec"
	"github.com/semroute/semroute/internal/wholefile"
)

// A cache file, all numbers little-endian:
//
//	header    magic, version, dimension, entries, bytes of the fingerprint
//	          (uint32 each), and the embedder's fingerprint
//	entries   the ones most worth keeping first: bytes of the text (uint32), 1 where the
//	          text was cut and else 0 (a byte), the text, the vector (float32)
//	checksum  uint32: CRC-32C of all before it
const (
	cacheMagic   = "semr-emb"
	cacheVersion = 1
	cacheHeader  = len(cacheMagic) + 4*4
	entryHeader  = 5
	// unitTolerance is how far the length of a kept vector may be from 1.
	unitTolerance = 1e-3
)

// Errors of Load. Whoever gets one goes on without the file.
var (
	// ErrCacheFile: the file is damaged, of another version, or no cache file.
	ErrCacheFile = errors.New("embedding cache file cannot be used")
	// ErrCacheForeign: the file holds vectors of another embedder.
	ErrCacheForeign = errors.New("embedding cache file is of another embedder")
)

// Save writes all that is remembered to a file, which is replaced as a whole
// and readable by its owner alone: it holds prompts.
func (c *Cache) Save(path string) error {
	entries := make([]remembered, 0, c.vectors.EstimatedSize())
	for e := range c.vectors.Hottest() {
		entries = append(entries, remembered{e.Key, e.Value})
	}
	err := wholefile.Replace(path, 0o600, func(w io.Writer) error {
		return encodeCache(w, c.Fingerprint(), c.Dimension(), entries)
	})
	if err != nil {
		return fmt.Errorf("embedding cache: %w", err)
	}
	return nil
}

// Load remembers what a file holds, as much as there is room for, and says how
// many texts that are. The error is ErrCacheFile, ErrCacheForeign or that of
// the file, and nothing of it is then remembered.
func (c *Cache) Load(path string) (texts int, err error) {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if err != nil {
		return 0, fmt.Errorf("embedding cache: %w", err)
	}
	defer func() { _ = file.Close() }() // only read
	about, err := file.Stat()
	if err != nil {
		return 0, fmt.Errorf("embedding cache: %w", err)
	}
	size := about.Size()
	if size < int64(cacheHeader+crc32.Size) || size > math.MaxInt32 || !about.Mode().IsRegular() {
		return 0, fmt.Errorf("%w: it has %d bytes", ErrCacheFile, size)
	}
	data, memory, err := mapped.Read(file, int(size))
	if err != nil {
		return 0, fmt.Errorf("embedding cache: %w", err)
	}
	entries, err := decodeCache(data, c.Fingerprint(), c.Dimension(), c.vectors.GetMaximum())
	memory.Keep()
	if err != nil {
		return 0, err
	}
	for i := len(entries) - 1; i >= 0; i-- { // the most worth keeping are the last to go
		c.remember(entries[i].text, entries[i].vector, entries[i].truncated)
	}
	return len(entries), nil
}

// remembered is an entry of a cache.
type remembered struct {
	text string
	cached
}

func encodeCache(w io.Writer, fingerprint string, dimension int, entries []remembered) error {
	sum := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	both := io.MultiWriter(w, sum)
	le := binary.LittleEndian
	b := append(make([]byte, 0, 1<<16), cacheMagic...)
	for _, n := range []int{cacheVersion, dimension, len(entries), len(fingerprint)} {
		b = le.AppendUint32(b, uint32(n))
	}
	b = append(b, fingerprint...)
	for _, e := range entries {
		b = le.AppendUint32(b, uint32(len(e.text)))
		if e.truncated {
			b = append(b, 1)
		} else {
			b = append(b, 0)
		}
		b = append(b, e.text...)
		for _, x := range e.vector {
			b = le.AppendUint32(b, math.Float32bits(x))
		}
		if len(b) < 1<<15 {
			continue
		}
		if _, err := both.Write(b); err != nil {
			return err
		}
		b = b[:0]
	}
	if _, err := both.Write(b); err != nil {
		return err
	}
	_, err := w.Write(le.AppendUint32(nil, sum.Sum32()))
	return err
}

// decodeCache reads the entries that fit into maxBytes, checks them all and
// trusts nothing. What it returns shares no memory with data.
func decodeCache(data []byte, fingerprint string, dimension int, maxBytes uint64) ([]remembered, error) {
	bad := func(why string) ([]remembered, error) { return nil, fmt.Errorf("%w: %s", ErrCacheFile, why) }
	le := binary.LittleEndian
	if len(data) < cacheHeader+crc32.Size || string(data[:len(cacheMagic)]) != cacheMagic {
		return bad("it is none")
	}
	number := func(i int) int { return int(le.Uint32(data[len(cacheMagic)+4*i:])) }
	if number(0) != cacheVersion {
		return bad(fmt.Sprintf("it has format %d, this program reads format %d", number(0), cacheVersion))
	}
	body := data[:len(data)-crc32.Size]
	if crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) != le.Uint32(data[len(body):]) {
		return bad("its checksum differs")
	}
	count, rest := number(2), body[cacheHeader:]
	if number(3) > len(rest) {
		return bad("it is too short")
	}
	if string(rest[:number(3)]) != fingerprint || number(1) != dimension {
		return nil, fmt.Errorf("%w: %q", ErrCacheForeign, rest[:number(3)])
	}
	rest = rest[number(3):]
	var entries []remembered
	for weight := uint64(0); count > 0; count-- {
		e, size, ok := decodeEntry(rest, dimension)
		if !ok {
			return bad("an entry is no text with its unit vector")
		}
		rest = rest[size:]
		if weight += uint64(weigh(e.text, e.cached)); weight <= maxBytes {
			entries = append(entries, e)
		}
	}
	if len(rest) > 0 {
		return bad("it is too long")
	}
	return entries, nil
}

// decodeEntry reads one entry and says how many bytes it took.
func decodeEntry(b []byte, dimension int) (e remembered, size int, ok bool) {
	if len(b) < entryHeader {
		return e, 0, false
	}
	length, cut := int(binary.LittleEndian.Uint32(b)), b[4]
	if length > len(b) || cut > 1 {
		return e, 0, false
	}
	size = entryHeader + length + 4*dimension
	if size > len(b) {
		return e, 0, false
	}
	e.text, e.truncated = string(b[entryHeader:entryHeader+length]), cut == 1
	e.vector = make([]float32, dimension)
	for i := range e.vector {
		e.vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[entryHeader+length+4*i:]))
	}
	long := math.Sqrt(float64(vec.Dot(e.vector, e.vector)))
	return e, size, math.Abs(long-1) <= unitTolerance // false for NaN
}
