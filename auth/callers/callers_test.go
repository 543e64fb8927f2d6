package callers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/apikey"
	"github.com/semroute/semroute/auth/authfile"
	"github.com/semroute/semroute/auth/authtest"
	"github.com/semroute/semroute/auth/callers"
)

// setting is callers of a file that tests rewrite, with a clock that they move.
type setting struct {
	*callers.Callers
	t    *testing.T
	path string
	log  bytes.Buffer

	mu  sync.Mutex
	now time.Time
}

func open(t *testing.T, content string, change func(*callers.Config)) *setting {
	t.Helper()
	s := &setting{t: t, path: filepath.Join(t.TempDir(), "auth.yaml"), now: time.Now()}
	config := callers.Config{File: s.path, Log: zerolog.New(&s.log), Now: func() time.Time {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.now
	}}
	if change != nil {
		change(&config)
	}
	s.write(content)
	var err error
	if s.Callers, err = callers.Open(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	return s
}

// write replaces the file and lets the time pass after which that is noticed.
func (s *setting) write(content string) {
	s.t.Helper()
	if err := os.WriteFile(s.path, []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(2 * time.Second)
}

func (s *setting) ask(c auth.Credentials) (*auth.Identity, error) {
	return s.Authenticate(s.t.Context(), c)
}

func entry(k apikey.Key, role string) string {
	return fmt.Sprintf("  - {prefix: %s, hash: \"sha256:%x\", roles: [%s]}\n", k.Prefix, k.Hash, role)
}

func TestTheFileIsFollowed(t *testing.T) {
	secret, key := apikey.New("", auth.Claims{}, time.Now())
	other, otherKey := apikey.New("", auth.Claims{}, time.Now())
	s := open(t, "keys:\n"+entry(key, "decide"), nil)
	for _, step := range []struct {
		content      string
		first, other auth.Role // "" for refused
	}{
		{"", auth.Decide, ""},
		{"keys:\n" + entry(key, "admin") + entry(otherKey, "feedback"), auth.Admin, auth.Feedback},
		{"keys: broken", auth.Admin, auth.Feedback},
		{"keys:\n" + entry(otherKey, "feedback"), "", auth.Feedback},
	} {
		if step.content != "" {
			s.write(step.content)
		}
		for shown, want := range map[string]auth.Role{secret: step.first, other: step.other} {
			got, err := s.ask(auth.Credentials{Secret: shown})
			if want == "" && !errors.Is(err, auth.ErrUnauthenticated) || want != "" && (err != nil || !got.May(want)) {
				t.Errorf("with %q: %+v, %v, want %q", step.content, got, err, want)
			}
		}
	}
	if !strings.Contains(s.log.String(), "is not taken") {
		t.Errorf("the log does not tell of the broken file:\n%s", &s.log)
	}
}

// source is a store's keys.
type source map[string]apikey.Key

func (s source) Key(ctx context.Context, prefix string) (apikey.Key, error) {
	return apikey.List(s).Key(ctx, prefix)
}

func TestEveryWayIn(t *testing.T) {
	ca, issuer := authtest.NewCA(t), authtest.NewIssuer(t)
	cert, certKey := ca.Issue("app.internal")
	peer := authtest.Parsed(t, cert, certKey)
	inFile, fileKey := apikey.New("", auth.Claims{}, time.Now())
	inStore, storeKey := apikey.New("", auth.Claims{Roles: []auth.Role{auth.Admin}}, time.Now())
	stranger, _ := apikey.New("", auth.Claims{}, time.Now())
	jwks := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(jwks, issuer.KeySet(), 0o600); err != nil {
		t.Fatal(err)
	}
	token := issuer.Sign(map[string]any{"iss": "i", "aud": "a", "sub": "ann", "exp": time.Now().Add(time.Hour).Unix()})
	whole := "keys:\n" + entry(fileKey, "decide") + "tokens: {issuer: i, audience: a, jwks_file: " + jwks + ", roles: [decide]}\n"
	all := func(c *callers.Config) { c.Store, c.Certificates = source{storeKey.Prefix: storeKey}, true }
	for name, test := range map[string]struct {
		file   string
		change func(*callers.Config)
		shown  auth.Credentials
		want   string // the beginning of the identity, "" for refused
	}{
		"a key of the file":          {whole, all, auth.Credentials{Secret: inFile}, "key:"},
		"a key of the store":         {whole, all, auth.Credentials{Secret: inStore}, "key:"},
		"a key of the store alone":   {"", all, auth.Credentials{Secret: inStore}, "key:"},
		"a key that nobody knows":    {whole, all, auth.Credentials{Secret: stranger}, ""},
		"it beside a certificate":    {whole, all, auth.Credentials{Secret: stranger, Peer: peer}, ""},
		"a token":                    {whole, all, auth.Credentials{Secret: token}, "token:ann"},
		"a token where none is due":  {"", all, auth.Credentials{Secret: token}, ""},
		"a certificate":              {whole, all, auth.Credentials{Peer: peer}, "cert:app.internal"},
		"one that the file names":    {"certificates: [{name: app.internal, roles: [decide]}]", all, auth.Credentials{Peer: peer}, "cert:app.internal"},
		"one that it leaves out":     {"certificates: [{name: other, roles: [decide]}]", all, auth.Credentials{Peer: peer}, ""},
		"one that was not asked for": {whole, nil, auth.Credentials{Peer: peer}, ""},
		"nothing":                    {whole, all, auth.Credentials{}, ""},
		"nothing, where that is due": {whole + "anonymous: {roles: [decide]}", all, auth.Credentials{}, "anonymous"},
		"a wrong key, where it is":   {whole + "anonymous: {roles: [decide]}", all, auth.Credentials{Secret: stranger}, ""},
	} {
		got, err := open(t, test.file, test.change).ask(test.shown)
		if test.want == "" && !errors.Is(err, auth.ErrUnauthenticated) || test.want != "" && (err != nil || !strings.HasPrefix(got.ID, test.want)) {
			t.Errorf("%s: %+v, %v, want %q", name, got, err, test.want)
		}
	}
}

func TestAFileThatCannotBeServedIsNotTaken(t *testing.T) {
	refused := errors.New("no budgets here")
	check := func(f *authfile.File) error {
		if f.Budgets() {
			return refused
		}
		return nil
	}
	s := open(t, "anonymous: {roles: [decide]}", func(c *callers.Config) { c.Check = check })
	s.write("anonymous: {roles: [admin], budget: {usd: 1}}")
	if got, err := s.ask(auth.Credentials{}); err != nil || got.May(auth.Admin) {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := callers.Open(t.Context(), callers.Config{File: s.path, Check: check}); !errors.Is(err, refused) {
		t.Errorf("at the start: %v", err)
	}
}
