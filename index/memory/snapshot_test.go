package memory

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/index"
)

func TestSnapshotBringsBackTheVeryVectors(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 24}
	entries, asked := newCorpus(2, 24).entries(9, 30, 10)
	x := opened(t, config)
	if err := x.Replace(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	y := opened(t, config)
	want, _ := x.Entries(t.Context())
	got, err := y.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	keys, err := y.Keys(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(index.Keys(want), keys); diff != "" {
		t.Errorf("keys (-written +read):\n%s", diff)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-written +read):\n%s", diff)
	}
	for _, v := range asked {
		a, _ := x.Search(t.Context(), index.Query{Vector: v, K: 5})
		b, _ := y.Search(t.Context(), index.Query{Vector: v, K: 5})
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("matches (-written +read):\n%s", diff)
		}
	}
}

func TestEntriesStayReadableAfterCloseAndOverwrite(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 24}
	entries, _ := newCorpus(3, 24).entries(2, 5, 0)
	if err := opened(t, config).Replace(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	x := opened(t, config)
	held, err := x.Entries(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Replace(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(entries[0].Vector, held[0].Vector); diff != "" {
		t.Errorf("vector (-want +got):\n%s", diff)
	}
}

func TestUnchangedWritesLeaveTheFileAlone(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 8}
	entries, _ := newCorpus(3, 8).entries(2, 5, 0)
	x := opened(t, config)
	if err := x.Replace(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(config.Path); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(x.Upsert(t.Context(), nil), x.Delete(t.Context(), []index.Key{{Route: "no", Utterance: "such"}})); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(config.Path); !os.IsNotExist(err) {
		t.Errorf("the file was written again: %v", err)
	}
}

func TestFailedWriteChangesNothing(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	x := opened(t, Config{Path: filepath.Join(folder, "s"), Fingerprint: "f", Dimension: 8})
	entries, _ := newCorpus(3, 8).entries(2, 5, 0)
	if err := x.Replace(t.Context(), entries[:4]); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := x.Replace(t.Context(), entries); err == nil {
		t.Error("no error without a folder to write to")
	}
	if held, err := x.Entries(t.Context()); err != nil || len(held) != 4 {
		t.Errorf("%d entries, %v; want the 4 of before", len(held), err)
	}
}

func TestNoHalfWrittenFileIsLeft(t *testing.T) {
	folder := t.TempDir()
	x := opened(t, Config{Path: filepath.Join(folder, "s"), Fingerprint: "f", Dimension: 8})
	entries, _ := newCorpus(3, 8).entries(2, 5, 0)
	for range 3 {
		if err := x.Replace(t.Context(), entries); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 || files[0].Name() != "s" {
		t.Errorf("files %v, %v; want s alone", files, err)
	}
}

func TestDamagedSnapshotIsNamed(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 8}
	whole := snapshotBytes(t, config)
	damage := map[string][]byte{
		"empty":           {},
		"cut in a header": whole[:40],
		"cut in half":     whole[:len(whole)/2],
		"one byte short":  whole[:len(whole)-1],
		"one byte more":   append(slices.Clone(whole), 0),
		"another file":    bytes.Repeat([]byte("hello, world\n"), 100),
		"another version": edited(whole, func(b []byte) { b[8] = 99 }),
		"a flipped bit":   edited(whole, func(b []byte) { b[len(b)/2] ^= 1 }),
		"zeroed end":      edited(whole, func(b []byte) { clear(b[len(b)-512:]) }),
	}
	for name, content := range damage {
		t.Run(name, func(t *testing.T) {
			if err := os.WriteFile(config.Path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(config); !errors.Is(err, ErrCorrupt) {
				t.Fatalf("Open: %v, want ErrCorrupt", err)
			}
			if err := Discard(config.Path); err != nil {
				t.Fatal(err)
			}
			if x := opened(t, config); x.state.Load().size() != 0 {
				t.Error("not empty after Discard")
			}
		})
	}
}

// The checksum keeps accidents out; these files have a right one and lie.
func TestSnapshotThatLiesIsRefused(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 8}
	whole := snapshotBytes(t, config)
	le := binary.LittleEndian
	h := decodeHeader(whole)
	l := h.layout()
	for name, edit := range map[string]func([]byte){
		"more rows than bytes":        func(b []byte) { le.PutUint64(b[24:], 1<<40) },
		"rows that overflow":          func(b []byte) { le.PutUint64(b[24:], 1<<63) },
		"dimension 0":                 func(b []byte) { le.PutUint32(b[12:], 0) },
		"a huge dimension":            func(b []byte) { le.PutUint32(b[12:], 1<<31) },
		"a name longer than the text": func(b []byte) { le.PutUint32(b[l.lengths:], 1<<30) },
		"a name too short":            func(b []byte) { le.PutUint32(b[l.lengths:], 1) },
		"a route without rows":        func(b []byte) { le.PutUint32(b[l.lengths+4*h.routes:], 0) },
		"a route with too many rows":  func(b []byte) { le.PutUint32(b[l.lengths+4*h.routes:], 1<<20) },
		"text that is not UTF-8":      func(b []byte) { b[l.text] = 0xff },
		"rows out of order":           func(b []byte) { b[bytes.Index(b, []byte("utterance 000000"))] = 'z' },
		"a vector that is no unit":    func(b []byte) { clear(b[l.vectors : l.vectors+32]) },
		"a vector that is NaN":        func(b []byte) { le.PutUint32(b[l.vectors:], 0x7fc00000) },
	} {
		t.Run(name, func(t *testing.T) {
			content := stamped(edited(whole, edit))
			if s, err := decode(content, config); err == nil {
				t.Errorf("%v accepted", s)
			}
		})
	}
	if _, err := decode(stamped(slices.Clone(whole)), config); err != nil {
		t.Errorf("untouched: %v", err)
	}
}

// firstFormat is a file without lists as it was before files held codes.
func firstFormat(t testing.TB, content []byte) []byte {
	t.Helper()
	l := decodeHeader(content).layout()
	if l.codes == l.centroids {
		t.Fatal("the file holds no codes")
	}
	old := slices.Concat(content[:l.codes], content[l.centroids:])
	old[8] = 1
	binary.LittleEndian.PutUint64(old[16:], uint64(len(old)))
	return stamped(old)
}

func TestTheFirstFormatIsReadToo(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 8}
	whole := snapshotBytes(t, config)
	now, err := decode(whole, config)
	if err != nil {
		t.Fatal(err)
	}
	old, err := decode(firstFormat(t, whole), config)
	if err != nil {
		t.Fatal(err)
	}
	old.segment.fillResiduals()
	for name, pair := range map[string][2]any{
		"utterances": {now.segment.utterances, old.segment.utterances}, "vectors": {now.segment.vectors, old.segment.vectors},
		"codes": {now.segment.codes, old.segment.codes}, "residual codes": {now.segment.residualCodes, old.segment.residualCodes},
		"scales": {now.segment.scales, old.segment.scales}, "residual": {now.segment.maxError, old.segment.maxError},
	} {
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%s (-second format +first):\n%s", name, diff)
		}
	}
}

func TestCodesOfOtherVectorsAreNoticed(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 8}
	whole := snapshotBytes(t, config)
	l := decodeHeader(whole).layout()
	for name, at := range map[string]uint64{"first digit": l.codes, "second digit": (l.codes + l.scales) / 2, "scale": l.scales} {
		broken := stamped(edited(whole, func(b []byte) { b[at] ^= 1 }))
		if _, err := decode(broken, config); err == nil {
			t.Errorf("a wrong %s is not noticed", name)
		}
	}
}

func TestWhatWasWrittenIsMapped(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 24}
	entries, asked := newCorpus(2, 24).entries(9, 30, 10)
	x, plain := opened(t, config), opened(t, Config{Fingerprint: "f", Dimension: 24})
	if err := errors.Join(x.Replace(t.Context(), entries), plain.Replace(t.Context(), entries)); err != nil {
		t.Fatal(err)
	}
	if stats, err := x.Stats(); err != nil || stats.Mapped == 0 && runtime.GOOS == "linux" {
		t.Errorf("%+v, %v; want vectors that are mapped", stats, err)
	}
	for _, v := range asked {
		a, _ := plain.Search(t.Context(), index.Query{Vector: v, K: 5})
		b, _ := x.Search(t.Context(), index.Query{Vector: v, K: 5})
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("matches (-in memory +mapped):\n%s", diff)
		}
	}
}

func FuzzSnapshot(f *testing.F) {
	config := Config{Path: filepath.Join(f.TempDir(), "s"), Fingerprint: "f", Dimension: 8}
	whole := snapshotBytes(f, config)
	f.Add(whole)
	f.Add(whole[:headerSize+4])
	f.Add(firstFormat(f, whole))
	f.Fuzz(func(t *testing.T, content []byte) {
		s, err := decode(stamped(content), config)
		if err != nil {
			return
		}
		if s == nil {
			return // another embedder's
		}
		// What is accepted can be written again and comes out the same.
		var again bytes.Buffer
		if _, err := encode(&again, contents{segment: s.segment}, config.Fingerprint); err != nil {
			t.Fatal(err)
		}
		back, err := decode(again.Bytes(), config)
		if err != nil || back.segment.size() != s.segment.size() {
			t.Fatalf("written again: %v", err)
		}
	})
}

func opened(tb testing.TB, config Config) *Index {
	tb.Helper()
	x, err := Open(config)
	if err != nil {
		tb.Fatalf("Open: %v", err)
	}
	tb.Cleanup(func() { _ = x.Close() }) // closed already by some tests
	return x
}

func snapshotBytes(tb testing.TB, config Config) []byte {
	tb.Helper()
	entries, _ := newCorpus(4, config.Dimension).entries(3, 4, 0)
	if err := opened(tb, config).Replace(tb.Context(), entries); err != nil {
		tb.Fatal(err)
	}
	content, err := os.ReadFile(config.Path)
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

func edited(content []byte, edit func([]byte)) []byte {
	out := slices.Clone(content)
	edit(out)
	return out
}

// stamped gives the file the size and checksum that its content has.
func stamped(content []byte) []byte {
	if len(content) < headerSize+4 {
		return content
	}
	content = slices.Clone(content)
	binary.LittleEndian.PutUint64(content[16:], uint64(len(content)))
	body := content[:len(content)-4]
	binary.LittleEndian.PutUint32(content[len(body):], checksum(body))
	return content
}
