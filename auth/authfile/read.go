package authfile

import (
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/auth/token"
	"github.com/semroute/semroute/internal/strictyaml"
)

type value = strictyaml.Value

// mapping reads a mapping whose keys are all among those that are known.
func mapping(v value, what string, known map[string]func(value)) bool {
	return v.Entries(what, func(key string, at strictyaml.Position, item value) {
		if read, ok := known[key]; ok {
			read(item)
			return
		}
		if key == "key" || key == "secret" || key == "password" {
			v.Found().Add(at, "%s: a secret never stands in this file; `semroute keys create` prints the prefix and the hash that do", key)
			return
		}
		v.Found().Add(at, "unknown key %s in %s%s", strictyaml.Quote(key), what, strictyaml.Suggestion(key, slices.Collect(maps.Keys(known))))
	})
}

func (f *File) readKey(v value) {
	var k apikey.Key
	hash := ""
	claims := readClaims(v, "a key", map[string]func(value){
		"prefix":  func(v value) { k.Prefix, _ = v.Text("prefix") },
		"hash":    func(v value) { hash, _ = v.Text("hash") },
		"name":    func(v value) { k.Name, _ = v.Text("name") },
		"expires": func(v value) { k.Expires = readTime(v, "expires") },
		"revoked": func(v value) { k.Revoked = readTime(v, "revoked") },
	})
	if claims == nil {
		return
	}
	k.Claims = *claims
	raw, err := hex.DecodeString(strings.TrimPrefix(hash, "sha256:"))
	switch {
	case k.Prefix == "":
		v.Bad("a key needs its prefix, as `semroute keys create` prints it")
	case err != nil || len(raw) != len(k.Hash):
		v.Bad("the hash of key %s must be sha256: and 64 hexadecimal digits, as `semroute keys create` prints it", strictyaml.Quote(k.Prefix))
	default:
		if _, twice := f.Keys[k.Prefix]; twice {
			v.Bad("the prefix %s stands twice", strictyaml.Quote(k.Prefix))
		}
		copy(k.Hash[:], raw)
		f.Keys[k.Prefix] = k
	}
}

func (f *File) readCertificate(v value) {
	name := ""
	claims := readClaims(v, "a certificate", map[string]func(value){"name": func(v value) { name, _ = v.Text("name") }})
	switch {
	case claims == nil:
	case name == "":
		v.Bad(`a certificate needs its name: a URI, a DNS name or the common name; "*" is every other one`)
	case name == "*":
		f.Others = claims
	default:
		f.Certificates[name] = *claims
	}
}

func (f *File) readTokens(v value) {
	c := &token.Config{}
	text := func(to *string, what string) func(value) { return func(v value) { *to, _ = v.Text(what) } }
	claims := readClaims(v, "tokens", map[string]func(value){
		"issuer": text(&c.Issuer, "issuer"), "audience": text(&c.Audience, "audience"),
		"jwks_file": text(&c.JWKSFile, "jwks_file"), "jwks_url": text(&c.JWKSURL, "jwks_url"),
		"algorithms": func(v value) { c.Algorithms = texts(v, "algorithms") },
		"leeway":     func(v value) { c.Leeway = duration(v, "leeway") },
		"refresh":    func(v value) { c.Refresh = duration(v, "refresh") },
		"fields": func(v value) {
			mapping(v, "fields", map[string]func(value){
				"user": text(&c.Fields.User, "user"), "team": text(&c.Fields.Team, "team"), "tier": text(&c.Fields.Tier, "tier"),
				"roles": text(&c.Fields.Roles, "roles"), "routes": text(&c.Fields.Routes, "routes"), "models": text(&c.Fields.Models, "models"),
			})
		},
	})
	if claims == nil {
		return
	}
	c.Claims, f.Tokens = *claims, c
}

func readTime(v value, what string) time.Time {
	s, ok := v.Text(what)
	if !ok {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t
		}
	}
	v.Bad("%s: %s is no time; write it as 2027-01-31 or 2027-01-31T12:00:00Z", what, strictyaml.Quote(s))
	return time.Time{}
}

func duration(v value, what string) time.Duration {
	s, ok := v.Text(what)
	if !ok {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > 24*time.Hour {
		v.Bad("%s: %s must be a time of more than 0 and at most 24h with its unit, such as 30s", what, strictyaml.Quote(s))
		return 0
	}
	return d
}

func texts(v value, what string) []string {
	list := []string{}
	v.List(what, func(item value) {
		if s, ok := item.Text(what); ok {
			list = append(list, s)
		}
	})
	if len(list) == 0 {
		v.Bad("%s is empty; leave it out, or name some", what)
	}
	return list
}

// readClaims reads claims and more keys beside them; nil where they are not
// usable.
func readClaims(v value, what string, more map[string]func(value)) *auth.Claims {
	var c auth.Claims
	before := v.Found().Count()
	known := map[string]func(value){
		"roles": func(v value) {
			v.List("roles", func(item value) {
				if role, ok := strictyaml.OneOf(item, "role", auth.Roles()...); ok {
					c.Roles = append(c.Roles, role)
				}
			})
		},
		"user": func(v value) { c.User, _ = v.Text("user") },
		"team": func(v value) { c.Team, _ = v.Text("team") },
		"tier": func(v value) { c.Tier, _ = v.Text("tier") },
		"says": func(v value) { c.Says = texts(v, "says") },

		"routes": func(v value) { c.Routes = texts(v, "routes") },
		"models": func(v value) { c.Models = texts(v, "models") },
		"budget": func(v value) { c.Budget = readBudget(v) },
		"limits": func(v value) { c.Limits = readLimits(v) },
	}
	maps.Copy(known, more)
	if !mapping(v, what, known) || v.Found().Count() > before {
		return nil
	}
	if err := c.Check(); err != nil {
		v.Bad("%v", err)
		return nil
	}
	return &c
}
