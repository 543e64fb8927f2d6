package embedtest

import (
	"errors"
	"testing"
	"time"

	"github.com/semroute/semroute/embed"
)

func open(t *testing.T, config Config) *Fake {
	t.Helper()
	fake, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return fake
}

func TestFakePassesTheSuite(t *testing.T) {
	Run(t, func(t *testing.T) embed.Embedder { return open(t, Config{MaxBytes: 8192}) })
}

func TestFakeCountsCallsAndTexts(t *testing.T) {
	fake := open(t, Config{})
	mustEmbed(t, fake.EmbedQueries, []string{"a", "b"})
	mustEmbed(t, fake.EmbedDocuments, []string{"c"})
	if fake.Calls() != 2 || fake.Texts() != 3 {
		t.Fatalf("%d calls, %d texts", fake.Calls(), fake.Texts())
	}
}

func TestFakeFailsAsLongAsItIsTold(t *testing.T) {
	fake := open(t, Config{})
	broken := errors.New("broken")
	fake.Fail(broken)
	if _, err := fake.EmbedQueries(t.Context(), []string{"a"}); !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	fake.Fail(nil)
	mustEmbed(t, fake.EmbedQueries, []string{"a"})
}

func TestAnotherFingerprintGivesOtherVectors(t *testing.T) {
	fake := open(t, Config{})
	before := mustEmbed(t, fake.EmbedQueries, []string{"a word"}).Vectors[0]
	fake.SetFingerprint("fake:2")
	after := mustEmbed(t, fake.EmbedQueries, []string{"a word"}).Vectors[0]
	if s := dot(before, after); s > 0.9 {
		t.Fatalf("similarity %v", s)
	}
}

func TestNewRefusesNegativeSettings(t *testing.T) {
	for _, config := range []Config{{Dimension: -1}, {MaxBytes: -1}, {Delay: -time.Second}} {
		if _, err := New(config); err == nil {
			t.Errorf("%+v: no error", config)
		}
	}
}
