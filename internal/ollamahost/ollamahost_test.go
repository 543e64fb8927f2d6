package ollamahost

import (
	"errors"
	"net/url"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for words, want := range map[string]string{
		"":                                   "http://127.0.0.1:11434",
		"  ":                                 "http://127.0.0.1:11434",
		`"127.0.0.1:11434"`:                  "http://127.0.0.1:11434",
		"127.0.0.1":                          "http://127.0.0.1:11434",
		"127.0.0.1:1234":                     "http://127.0.0.1:1234",
		"127.0.0.1:1234/":                    "http://127.0.0.1:1234",
		":1234":                              "http://127.0.0.1:1234",
		"0.0.0.0":                            "http://127.0.0.1:11434",
		"0.0.0.0:1234":                       "http://127.0.0.1:1234",
		"http://0.0.0.0:1234":                "http://127.0.0.1:1234",
		"localhost":                          "http://localhost:11434",
		"ollama:11434":                       "http://ollama:11434",
		"gpu.example.com/ollama":             "http://gpu.example.com:11434/ollama",
		"gpu.example.com:8080/ollama/":       "http://gpu.example.com:8080/ollama",
		"http://gpu.example.com":             "http://gpu.example.com:80",
		"https://gpu.example.com":            "https://gpu.example.com:443",
		"HTTPS://gpu.example.com/":           "https://gpu.example.com:443",
		"https://gpu.example.com:8443/a/b//": "https://gpu.example.com:8443/a/b",
		"https://me:word@gpu.example.com":    "https://me:word@gpu.example.com:443",
		"ollama.com":                         "https://ollama.com:443",
		"::1":                                "http://[::1]:11434",
		"[::1]":                              "http://[::1]:11434",
		"[::1]:1234":                         "http://[::1]:1234",
		"::":                                 "http://[::1]:11434",
		"[::]:1234":                          "http://[::1]:1234",
		"http://[2001:db8::1]/x":             "http://[2001:db8::1]:80/x",
		"fe80::1%eth0":                       "http://[fe80::1%25eth0]:11434",
	} {
		got, err := Parse(words)
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v; want %s", words, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, words := range []string{
		"ftp://host", "unix:///run/ollama.sock", "host:port", "host:0", "host:65536", "host:-1", "http://host:1:2",
		"a host", "host?x=1", "host/#x", "[::1", "://host", "me:secret@host:port",
	} {
		got, err := Parse(words)
		if !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v, %v", words, got, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the password is repeated: %v", words, err)
		}
	}
}

func TestResolve(t *testing.T) {
	t.Setenv(Variable, "https://env.example.com")
	for given, want := range map[string]string{"": "https://env.example.com:443", "flag:1": "http://flag:1"} {
		if got, err := Resolve(given); err != nil || got.String() != want {
			t.Errorf("%q: %v, %v; want %s", given, got, err, want)
		}
	}
	t.Setenv(Variable, "ftp://env")
	if _, err := Resolve(""); !errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), Variable) {
		t.Errorf("got %v, want ErrAddress that names %s", err, Variable)
	}
}

// What is accepted is a URL that reads back as itself.
func FuzzParse(f *testing.F) {
	f.Add("127.0.0.1:11434")
	f.Add("/?")
	f.Add("host/#")
	f.Add("https://me:word@[::1%eth0]:1/x/")
	f.Fuzz(func(t *testing.T, words string) {
		address, err := Parse(words)
		if err != nil {
			return
		}
		again, err := url.Parse(address.String())
		if err != nil || again.String() != address.String() || again.Hostname() == "" || again.Port() == "" {
			t.Fatalf("%q is %q, which reads as %v, %v", words, address, again, err)
		}
		twice, err := Parse(address.String())
		if err != nil || twice.String() != address.String() {
			t.Fatalf("%q is %q, and that is %v, %v", words, address, twice, err)
		}
	})
}
