// Package authfile reads the YAML file that says who may call: keys that are in
// no store, certificates, the issuer of tokens, and what callers without
// credentials may do. It promises file, line and column for everything that is
// wrong, and that no secret has a place in the file: of a key it holds the hash.
package authfile

import (
	"errors"
	"fmt"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/auth/token"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/internal/strictyaml"
)

// maxFile bounds the file: some ten thousand keys.
const maxFile = 4 << 20

// ErrFile: the file cannot be used; the error names the places.
var ErrFile = errors.New("unusable auth file")

// File is what the file says.
type File struct {
	Keys apikey.List
	// Certificates are claims by name; Others those of every other certificate
	// that the listener's authorities have signed, nil to refuse them.
	Certificates map[string]auth.Claims
	Others       *auth.Claims
	// Tokens is nil where none are taken.
	Tokens *token.Config
	// Anonymous is nil where callers without credentials are refused.
	Anonymous *auth.Claims
}

// Read reads a file.
func Read(path string) (*File, error) {
	raw, err := plainfile.Read(path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	return Parse(path, raw)
}

// Parse reads the content of a file; path stands for it in errors.
func Parse(path string, raw []byte) (*File, error) {
	var found strictyaml.Collector
	f := &File{Keys: apikey.List{}, Certificates: map[string]auth.Claims{}}
	if v, ok := strictyaml.Parse(path, raw, &found); ok {
		mapping(v, "an auth file", map[string]func(value){
			"keys":         func(v value) { v.List("keys", f.readKey) },
			"certificates": func(v value) { v.List("certificates", f.readCertificate) },
			"tokens":       f.readTokens,
			"anonymous":    func(v value) { f.Anonymous = readClaims(v, "anonymous", nil) },
		})
	}
	if err := found.Err(); err != nil {
		return nil, fmt.Errorf("%w:\n%w", ErrFile, err)
	}
	return f, nil
}

// Budgets says whether somebody in the file has a budget of their own, for which
// spending must be kept.
func (f *File) Budgets() bool {
	has := func(c *auth.Claims) bool { return c != nil && c.Budget != nil }
	for _, k := range f.Keys {
		if has(&k.Claims) {
			return true
		}
	}
	for _, c := range f.Certificates {
		if has(&c) {
			return true
		}
	}
	return has(f.Others) || has(f.Anonymous) || f.Tokens != nil && has(&f.Tokens.Claims)
}
