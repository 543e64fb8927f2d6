package wire_test

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
	"github.com/semroute/semroute/routes"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"Retry-After: 3":    3 * time.Second,
		"Retry-After: 0.5":  500 * time.Millisecond,
		"Retry-After: 0":    0,
		"Retry-After: -4":   0,
		"Retry-After: 1e9":  0,
		"Retry-After: NaN":  0,
		"Retry-After: soon": 0,
		"Retry-After: Fri, 02 Jan 2026 03:04:35 GMT": 30 * time.Second,
		"Retry-After: Fri, 02 Jan 2026 03:00:00 GMT": 0,
		"Retry-After-Ms: 250":                        250 * time.Millisecond,
		"Date: today":                                0,
	} {
		name, value, _ := strings.Cut(header, ": ")
		h := http.Header{}
		h.Set(name, value)
		if got := wire.RetryAfter(h, now); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
}

func TestClassOf(t *testing.T) {
	for status, want := range map[int]forward.Class{
		301: forward.Garbage, 400: forward.BadRequest, 401: forward.Auth, 403: forward.Auth, 404: forward.NotFound,
		408: forward.Timeout, 402: forward.OutOfCredit, 413: forward.ContextLength, 429: forward.RateLimited, 500: forward.ServerError,
		503: forward.ServerError, 504: forward.Timeout, 529: forward.ServerError,
	} {
		if got := wire.ClassOf(status); got != want {
			t.Errorf("%d is %q, want %q", status, got, want)
		}
	}
}

func TestSecret(t *testing.T) {
	folder := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	env := map[string]string{"KEY": " abc \n", "EMPTY": "", "TWO": "abc def"}
	lookup := func(name string) (string, bool) { v, ok := env[name]; return v, ok }
	for name, c := range map[string]struct {
		model routes.Model
		want  string
		fails bool
	}{
		"none":           {routes.Model{}, "", false},
		"environment":    {routes.Model{APIKeyEnv: "KEY"}, "abc", false},
		"file":           {routes.Model{APIKeyFile: file("good", "abc\n")}, "abc", false},
		"not set":        {routes.Model{APIKeyEnv: "NONE"}, "", true},
		"set to nothing": {routes.Model{APIKeyEnv: "EMPTY"}, "", true},
		"two words":      {routes.Model{APIKeyEnv: "TWO"}, "", true},
		"no file":        {routes.Model{APIKeyFile: filepath.Join(folder, "none")}, "", true},
		"empty file":     {routes.Model{APIKeyFile: file("empty", "\n")}, "", true},
	} {
		got, err := wire.Secret(c.model, lookup)
		if got != c.want || errors.Is(err, forward.ErrSecret) != c.fails {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "abc") || strings.Contains(err.Error(), "def")) {
			t.Errorf("%s: the error shows the key: %v", name, err)
		}
	}
}

func TestAddress(t *testing.T) {
	for base, good := range map[string]bool{
		"":                         true,
		"http://127.0.0.1:11434":   true,
		"https://example.com/v1/":  true,
		"127.0.0.1:11434":          false,
		"ftp://example.com":        false,
		"http://":                  false,
		"http://me:pw@example.com": false,
		"http://%zz":               false,
	} {
		_, err := wire.Address(routes.Model{Name: "m", BaseURL: base}, "http://usual")
		if (err == nil) != good || err != nil && (!errors.Is(err, forward.ErrConfig) || strings.Contains(err.Error(), "pw@")) {
			t.Errorf("%q: %v", base, err)
		}
	}
}
