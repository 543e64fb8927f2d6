package memory

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/semroute/semroute/index"
)

func TestStatsTellHowTheIndexStands(t *testing.T) {
	config := Config{Path: filepath.Join(t.TempDir(), "s"), Fingerprint: "f", Dimension: 32, ExactRows: 500}
	entries, _ := newCorpus(13, 32).entries(50, 40, 0)
	x := opened(t, config)
	must(t, x.Replace(t.Context(), entries[:400]))
	if s, err := x.Stats(); err != nil || s.Entries != 400 || s.Lists != 0 || s.Recall != 1 {
		t.Errorf("exact: %+v, %v", s, err)
	}
	must(t, x.Replace(t.Context(), entries[:1990]))
	must(t, x.Upsert(t.Context(), entries[1985:]))
	s, err := x.Stats()
	must(t, err)
	if s.Entries != 2000 || s.Fresh != 15 || s.Dead != 5 || s.Lists == 0 || s.Probes == 0 || s.Recall < 0.99 {
		t.Errorf("with lists: %+v", s)
	}
	if least := int64(2000 * 32 * 5); s.Bytes < least || s.Bytes > 2*least {
		t.Errorf("%d bytes held, expected %d and some", s.Bytes, least)
	}
	must(t, x.Close())
	if _, err := x.Stats(); !errors.Is(err, index.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}
