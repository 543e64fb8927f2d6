package ollama

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/embed"
	"github.com/semroute/semroute/embed/embedtest"
)

func mustOpen(t *testing.T, d *double, change func(*Config)) *Embedder {
	t.Helper()
	config := Config{Model: "all-minilm", Address: d.URL}
	if change != nil {
		change(&config)
	}
	e, err := New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	d.set(func() { d.requests = nil })
	return e
}

func TestSuite(t *testing.T) {
	embedtest.Run(t, func(t *testing.T) embed.Embedder { return mustOpen(t, newDouble(t), nil) })
}

func TestTextsGoOutInBatchesWithTheRightPrefix(t *testing.T) {
	d := newDouble(t)
	e := mustOpen(t, d, func(c *Config) {
		query, document := "q: ", "d: "
		c.QueryPrefix, c.DocumentPrefix, c.Batch, c.Concurrency, c.KeepAlive = &query, &document, 2, 1, time.Hour
	})
	e.batchSize.size = 2
	if _, err := e.EmbedQueries(t.Context(), []string{"a", "b", "c"}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.EmbedDocuments(t.Context(), []string{"a"}); err != nil {
		t.Fatal(err)
	}
	want := []embedRequest{
		{"all-minilm", []string{"q: a", "q: b"}, false, "1h0m0s"},
		{"all-minilm", []string{"q: c"}, false, "1h0m0s"},
		{"all-minilm", []string{"d: a"}, false, "1h0m0s"},
	}
	if diff := cmp.Diff(want, d.asked()); diff != "" {
		t.Fatalf("requests (-want +got):\n%s", diff)
	}
}

func TestRequestsUnderWayAreBounded(t *testing.T) {
	d := newDouble(t)
	e := mustOpen(t, d, func(c *Config) { c.Batch, c.Concurrency = 1, 3 })
	d.set(func() { d.pause, d.mostAtOnce = 5*time.Millisecond, 0 })
	if _, err := e.EmbedQueries(t.Context(), strings.Fields("a b c d e f g h i j k l")); err != nil {
		t.Fatal(err)
	}
	d.set(func() {
		if d.mostAtOnce > 3 {
			t.Errorf("%d requests at once, 3 are allowed", d.mostAtOnce)
		}
	})
}

func TestLongTextsAreShortenedAloneAndFlagged(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 20))
	for name, c := range map[string]struct {
		stubborn int
		texts    []string
		want     []bool
	}{
		"all fit":                             {0, []string{"a b", "c"}, []bool{false, false}},
		"many bytes but few tokens":           {0, []string{strings.Repeat("longish", 6), "c"}, []bool{false, false}},
		"the server cuts":                     {0, []string{"a", long, "b"}, []bool{false, true, false}},
		"the server answers 500 even so":      {10, []string{"a", long, "b"}, []bool{false, true, false}},
		"and to much shorter ones":            {2, []string{"a", long, "b"}, []bool{false, true, false}},
		"beyond what is worth sending at all": {0, []string{strings.Repeat("word ", 200_000)}, []bool{true}},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDouble(t)
			e := mustOpen(t, d, nil)
			d.set(func() { d.stubborn = c.stubborn })
			batch, err := e.EmbedQueries(t.Context(), c.texts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, batch.Truncated); diff != "" {
				t.Errorf("truncated (-want +got):\n%s", diff)
			}
			for i, vector := range batch.Vectors {
				if len(vector) != 32 {
					t.Errorf("text %d has no vector", i)
				}
			}
			for _, request := range d.asked() {
				if size := len(strings.Join(request.Input, "")); size > 16*bytesPerToken*len(c.texts) {
					t.Errorf("%d bytes were sent", size)
				}
			}
		})
	}
}

func TestAServerThatRefusesEverythingIsNotAskedForLong(t *testing.T) {
	d := newDouble(t)
	e := mustOpen(t, d, nil)
	d.set(func() {
		d.answer = func(w http.ResponseWriter, _ []string) bool {
			refuse(w, http.StatusInternalServerError, "out of memory")
			return true
		}
	})
	_, err := e.EmbedQueries(t.Context(), []string{"a", "b"})
	if !errors.Is(err, embed.ErrServer) || !errors.Is(err, embed.ErrEmbed) || !strings.Contains(err.Error(), "out of memory") {
		t.Errorf("got %v", err)
	}
	if n := len(d.asked()); n > 4 { // each text, and whether a harmless one does better
		t.Errorf("%d requests", n)
	}
	d.set(func() { d.requests = nil })
	if _, err = e.EmbedQueries(t.Context(), []string{strings.Repeat("word ", 90)}); !errors.Is(err, embed.ErrEmbed) {
		t.Errorf("got %v", err)
	}
	if n := len(d.asked()); n > 4+maxShortenings {
		t.Errorf("%d requests for one text", n)
	}
}

func TestUnusableAnswersAreErrors(t *testing.T) {
	for name, body := range map[string]string{
		"too few vectors": `{"embeddings":[]}`,
		"too many":        `{"embeddings":[[1],[2],[3]]}`,
		"wrong dimension": `{"embeddings":[[1,2,3],[1,2,3]]}`,
		"zero vector":     `{"embeddings":[[` + strings.Repeat("0,", 31) + `0],[` + strings.Repeat("1,", 31) + `1]]}`,
		"not a number":    `{"embeddings":[[NaN],[1]]}`,
		"too large":       `{"embeddings":[[1e99],[1]]}`,
		"not JSON":        `<html>`,
		"nothing":         ``,
	} {
		t.Run(name, func(t *testing.T) {
			d := newDouble(t)
			e := mustOpen(t, d, nil)
			d.set(func() {
				d.answer = func(w http.ResponseWriter, _ []string) bool {
					_, _ = w.Write([]byte(body))
					return true
				}
			})
			if _, err := e.EmbedQueries(t.Context(), []string{"a", "b"}); !errors.Is(err, embed.ErrEmbed) {
				t.Errorf("got %v, want ErrEmbed", err)
			}
		})
	}
}

func TestVectorsAreNormalised(t *testing.T) {
	batch, err := mustOpen(t, newDouble(t), nil).EmbedQueries(t.Context(), []string{"a b c"})
	if err != nil {
		t.Fatal(err)
	}
	var square float64
	for _, x := range batch.Vectors[0] {
		square += float64(x) * float64(x)
	}
	if math.Abs(square-1) > 1e-5 {
		t.Fatalf("length %v", math.Sqrt(square))
	}
}

func TestAMissingModelSaysHowToGetIt(t *testing.T) {
	d := newDouble(t)
	_, err := New(t.Context(), Config{Model: "nomic-embed-text", Address: d.URL})
	if !errors.Is(err, embed.ErrModelMissing) || !strings.Contains(err.Error(), "ollama pull nomic-embed-text") {
		t.Fatalf("got %v", err)
	}
}

func TestAnUnreachableServerIsNamed(t *testing.T) {
	d := newDouble(t)
	e := mustOpen(t, d, nil)
	d.Close()
	_, err := e.EmbedQueries(t.Context(), []string{"a"})
	if !errors.Is(err, embed.ErrUnreachable) || !strings.Contains(err.Error(), d.URL) {
		t.Errorf("got %v", err)
	}
	if _, err = New(t.Context(), Config{Model: "all-minilm", Address: d.URL}); !errors.Is(err, embed.ErrUnreachable) {
		t.Errorf("New: got %v", err)
	}
}

func TestASlowServerIsUnreachableAndACallersDeadlineIsTheCallers(t *testing.T) {
	d := newDouble(t)
	e := mustOpen(t, d, nil)
	d.set(func() { d.pause = 200 * time.Millisecond })
	e.config.Timeout = 10 * time.Millisecond
	if _, err := e.EmbedQueries(t.Context(), []string{"a"}); !errors.Is(err, embed.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	e.config.Timeout = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := e.EmbedQueries(ctx, []string{"a"})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, embed.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
}

func TestTheFingerprintCoversDigestAndPrefixes(t *testing.T) {
	d := newDouble(t)
	text := "x"
	seen := map[string]string{}
	for name, change := range map[string]func(*Config){
		"plain":           nil,
		"query prefix":    func(c *Config) { c.QueryPrefix = &text },
		"document prefix": func(c *Config) { c.DocumentPrefix = &text },
	} {
		fingerprint := mustOpen(t, d, change).Fingerprint()
		if other, taken := seen[fingerprint]; taken {
			t.Errorf("%s and %s share %s", name, other, fingerprint)
		}
		seen[fingerprint] = name
	}
	d.set(func() { d.digest = "cccc" })
	if fingerprint := mustOpen(t, d, nil).Fingerprint(); seen[fingerprint] != "" {
		t.Errorf("another digest, the same fingerprint %s", fingerprint)
	}
	if a, b := mustOpen(t, d, nil), mustOpen(t, d, func(c *Config) { c.Model = "all-minilm:latest" }); a.Fingerprint() != b.Fingerprint() {
		t.Errorf("the tag written out changes %s to %s", a.Fingerprint(), b.Fingerprint())
	}
}

func TestPrefixesOfKnownFamilies(t *testing.T) {
	for model, want := range map[string]string{
		"all-minilm":                               "",
		"nomic-embed-text:v1.5":                    "classification: ",
		"mxbai-embed-large":                        "",
		"hf.co/BAAI/bge-small-en-v1.5-gguf":        "",
		"bge-m3":                                   "",
		"snowflake-arctic-embed:110m":              "",
		"jeffh/intfloat-multilingual-e5-large:f16": "query: ",
		"e5-mistral-7b":                            "",
		"e5ish":                                    "",
	} {
		if got := prefixOf(model); got != want {
			t.Errorf("%s: %q, want %q", model, got, want)
		}
	}
}

func TestTheContextIsTheSmallerOfTrainedAndAskedFor(t *testing.T) {
	d := newDouble(t)
	for parameters, want := range map[string]int{
		"":                            doubleContext,
		"num_ctx   17":                doubleContext,
		"stop \"x\"\nnum_ctx 4":       minContext,
		"num_ctx nonsense":            doubleContext,
		"num_ctx 9999999999999999999": doubleContext,
	} {
		d.set(func() { d.parameters = parameters })
		if got := mustOpen(t, d, nil).context; got != want {
			t.Errorf("%q: %d, want %d", parameters, got, want)
		}
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	for name, config := range map[string]Config{
		"no model":         {},
		"address":          {Model: "m", Address: "localhost:port"},
		"scheme":           {Model: "m", Address: "ftp://localhost"},
		"batch":            {Model: "m", Batch: 5000},
		"negative batch":   {Model: "m", Batch: -1},
		"concurrency":      {Model: "m", Concurrency: 1000},
		"negative timeout": {Model: "m", Timeout: -1},
	} {
		if _, err := New(t.Context(), config); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestTheAddressComesFromTheEnvironment(t *testing.T) {
	d := newDouble(t)
	t.Setenv("OLLAMA_HOST", d.URL)
	if _, err := New(t.Context(), Config{Model: "all-minilm"}); err != nil {
		t.Fatal(err)
	}
}

// A redirect would send the texts where nobody said they may go.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		d, elsewhere := newDouble(t), newDouble(t)
		e := mustOpen(t, d, nil)
		d.set(func() {
			d.answer = func(w http.ResponseWriter, _ []string) bool {
				w.Header().Set("Location", elsewhere.URL+"/api/embed")
				w.WriteHeader(status)
				return true
			}
		})
		_, err := e.EmbedQueries(t.Context(), []string{"a"})
		if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), elsewhere.URL) {
			t.Errorf("%d: got %v", status, err)
		}
		if got := elsewhere.asked(); len(got) > 0 {
			t.Errorf("%d: the text went elsewhere: %v", status, got)
		}
	}
}

func TestAnswersAreBounded(t *testing.T) {
	d := newDouble(t)
	e := mustOpen(t, d, nil)
	d.set(func() {
		d.answer = func(w http.ResponseWriter, _ []string) bool {
			block := []byte(strings.Repeat(" ", 1<<20))
			for range maxAnswerBytes>>20 + 1 {
				if _, err := w.Write(block); err != nil {
					return true
				}
			}
			return true
		}
	})
	if _, err := e.EmbedQueries(t.Context(), []string{"a"}); !errors.Is(err, embed.ErrEmbed) || !strings.Contains(fmt.Sprint(err), "longer than") {
		t.Fatalf("got %v", err)
	}
}

func FuzzShorten(f *testing.F) {
	f.Add("héllo wörld", 3)
	f.Fuzz(func(t *testing.T, text string, size int) {
		if size < 0 {
			return
		}
		got := shorten(text, size)
		if len(got) > size && len(got) == len(text) && size < len(text) || !strings.HasPrefix(text, got) {
			t.Fatalf("shorten(%q, %d) = %q", text, size, got)
		}
		both := ends(text, size)
		if len(both) > max(size, 1) && size < len(text) || !areEnds(text, both) {
			t.Fatalf("ends(%q, %d) = %q", text, size, both)
		}
	})
}

// areEnds: both is the text, or its beginning and its end with a line's end between;
// the text may have such of its own.
func areEnds(text, both string) bool {
	if both == text {
		return true
	}
	for i := range len(both) {
		if both[i] == '\n' && strings.HasPrefix(text, both[:i]) && strings.HasSuffix(text, both[i+1:]) {
			return true
		}
	}
	return false
}
