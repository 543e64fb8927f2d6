package authfile_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/auth/authfile"
	"github.com/semroute/semroute/auth/token"
)

const hash = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

const whole = `
keys:
  - prefix: abcdefghij
    hash: ` + hash + `
    name: app
    expires: "2027-01-31"
    roles: [decide, forward]
    user: app
    team: red
    tier: gold
    says: [user]
    routes: [billing]
    models: [small]
    budget: {usd: 2.5, window: month, tokens_per_minute: 1000}
    limits: {per_second: 10, burst: 20, concurrent: 5}
certificates:
  - {name: spiffe://prod/app, roles: [feedback]}
  - {name: "*", roles: [metrics]}
tokens:
  issuer: https://id.example
  audience: semroute
  jwks_url: https://id.example/keys
  algorithms: [ES256]
  leeway: 10s
  refresh: 1m
  fields: {user: email, roles: realm.roles}
  roles: [decide]
anonymous: {roles: [decide], limits: {per_second: 1}}
`

func TestTheWholeFile(t *testing.T) {
	got, err := authfile.Parse("auth.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	usd := int64(2_500_000_000)
	key := apikey.Key{Prefix: "abcdefghij", Name: "app", Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Claims: auth.Claims{
		Roles: []auth.Role{auth.Decide, auth.Forward}, User: "app", Team: "red", Tier: "gold", Says: []string{"user"},
		Routes: []string{"billing"}, Models: []string{"small"}, Budget: &auth.Budget{USD: &usd, Window: "month", TokensPerMinute: 1000},
		Limits: auth.Limits{PerSecond: 10, Burst: 20, Concurrent: 5},
	}}
	for i := range key.Hash {
		key.Hash[i] = byte(i % 16 * 0x11)
	}
	want := &authfile.File{
		Keys:         apikey.List{"abcdefghij": key},
		Certificates: map[string]auth.Claims{"spiffe://prod/app": {Roles: []auth.Role{auth.Feedback}}},
		Others:       &auth.Claims{Roles: []auth.Role{auth.Metrics}},
		Tokens: &token.Config{
			Issuer: "https://id.example", Audience: "semroute", JWKSURL: "https://id.example/keys", Algorithms: []string{"ES256"},
			Leeway: 10 * time.Second, Refresh: time.Minute, Fields: token.Fields{User: "email", Roles: "realm.roles"},
			Claims: auth.Claims{Roles: []auth.Role{auth.Decide}},
		},
		Anonymous: &auth.Claims{Roles: []auth.Role{auth.Decide}, Limits: auth.Limits{PerSecond: 1}},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(token.Config{}, "Failed", "Now")); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
	if !got.Budgets() {
		t.Error("it does not say that there are budgets")
	}
}

func TestWhatIsWrongHasItsPlace(t *testing.T) {
	for content, want := range map[string]string{
		"keyz: []": `auth.yaml:1:1: unknown key "keyz"`,
		"keys:\n  - {prefix: a, key: smr_secret}":                                         "auth.yaml:2:17: key: a secret never stands in this file",
		"keys:\n  - {prefix: a, hash: abc}":                                               "auth.yaml:2:5: the hash of key",
		"keys:\n  - {hash: " + hash + "}":                                                 "a key needs its prefix",
		"keys:\n  - {prefix: a, hash: " + hash + "}\n  - {prefix: a, hash: " + hash + "}": "stands twice",
		"anonymous: {roles: [decide, root]}":                                              `auth.yaml:1:29: unknown role "root"`,
		"anonymous: {says: [budget]}":                                                     `says: "budget" is none of`,
		"anonymous: {routes: []}":                                                         "routes is empty",
		"anonymous: {budget: {usd: -1}}":                                                  "usd:",
		"anonymous: {budget: {}}":                                                         "it limits nothing",
		"anonymous: {limits: {per_second: x}}":                                            "per_second must be a number",
		"anonymous: {limits: {concurrent: 0}}":                                            "concurrent is 0",
		"certificates: [{roles: [decide]}]":                                               "a certificate needs its name",
		"tokens: {leeway: 5}":                                                             "leeway must be text",
		"tokens: {leeway: 48h}":                                                           "at most 24h",
		"keys:\n  - {prefix: a, hash: " + hash + ", expires: soon}":                       "is no time",
		"[]": "an auth file must be a mapping",
	} {
		_, err := authfile.Parse("auth.yaml", []byte(content))
		if !errors.Is(err, authfile.ErrFile) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n gave %v, want %q", content, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(whole)
	f.Add("keys: [{prefix: a, hash: sha256:00}]")
	f.Add("anonymous: &a {roles: [decide], budget: {usd: 1e400}}\ntokens: *a")
	f.Fuzz(func(t *testing.T, content string) {
		file, err := authfile.Parse("auth.yaml", []byte(content))
		if (err == nil) != (file != nil) {
			t.Fatalf("%+v, %v", file, err)
		}
		if err != nil {
			return
		}
		for prefix, k := range file.Keys {
			if err := k.Check(); err != nil || prefix == "" {
				t.Errorf("key %q: %v", prefix, err)
			}
		}
	})
}
