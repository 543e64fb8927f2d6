package token_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/authtest"
	"github.com/semroute/semroute/auth/token"
)

// clock is a time that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fromFile verifies by a file of the issuer's keys.
func fromFile(t *testing.T, issuer *authtest.Issuer, c *clock, change func(*token.Config)) *token.Verifier {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jwks.json")
	if err := os.WriteFile(path, issuer.KeySet(), 0o600); err != nil {
		t.Fatal(err)
	}
	config := token.Config{Issuer: "https://id.example", Audience: "semroute", JWKSFile: path, Now: c.Now}
	if change != nil {
		change(&config)
	}
	v, err := token.New(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func good(c *clock) map[string]any {
	return map[string]any{
		"iss": "https://id.example", "aud": "semroute", "sub": "ann",
		"iat": c.Now().Unix(), "exp": c.Now().Add(time.Hour).Unix(),
	}
}

func verify(t *testing.T, v *token.Verifier, secret string) (*auth.Identity, error) {
	t.Helper()
	return v.Verify(t.Context(), auth.Credentials{Secret: secret})
}

func TestWhichTokensAreTaken(t *testing.T) {
	c, issuer := newClock(), authtest.NewIssuer(t)
	v := fromFile(t, issuer, c, nil)
	with := func(name string, value any) string {
		claims := good(c)
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return issuer.Sign(claims)
	}
	public := string(issuer.KeySet())
	for name, test := range map[string]struct {
		secret string
		ok     bool
	}{
		"a good one":                     {issuer.Sign(good(c)), true},
		"one of several audiences":       {with("aud", []string{"other", "semroute"}), true},
		"just expired, within leeway":    {with("exp", c.Now().Add(-20*time.Second).Unix()), true},
		"expired":                        {with("exp", c.Now().Add(-time.Minute).Unix()), false},
		"without an end":                 {with("exp", nil), false},
		"not valid yet":                  {with("nbf", c.Now().Add(time.Minute).Unix()), false},
		"issued in the future":           {with("iat", c.Now().Add(time.Minute).Unix()), false},
		"of another issuer":              {with("iss", "https://evil.example"), false},
		"without an issuer":              {with("iss", nil), false},
		"for somebody else":              {with("aud", "other"), false},
		"without an audience":            {with("aud", nil), false},
		"without a subject":              {with("sub", nil), false},
		"not signed":                     {authtest.SignWith(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "k1", good(c)), false},
		"signed with the public key":     {authtest.SignWith(t, jwt.SigningMethodHS256, []byte(public), "k1", good(c)), false},
		"signed by somebody else as k1":  {authtest.NewIssuer(t).Sign(good(c)), false},
		"with another signature":         {swapped(issuer.Sign(good(c)), with("sub", "bob")), false},
		"with garbage for a signature":   {issuer.Sign(good(c)) + "x", false},
		"garbage":                        {"a.b.c", false},
		"an end that is no time":         {with("exp", "tomorrow"), false},
		"a subject that is not one text": {with("sub", []string{"ann"}), false},
	} {
		identity, err := verify(t, v, test.secret)
		if test.ok != (err == nil) || !test.ok && !errors.Is(err, auth.ErrUnauthenticated) {
			t.Errorf("%s: %+v, %v", name, identity, err)
		}
	}
	if _, err := verify(t, v, "smr_abc_def"); !errors.Is(err, auth.ErrOtherKind) {
		t.Errorf("what is no token gave %v", err)
	}
}

// swapped is the first token with the signature of the second.
func swapped(first, second string) string {
	return first[:strings.LastIndex(first, ".")] + second[strings.LastIndex(second, "."):]
}

func TestWhatATokenAllows(t *testing.T) {
	c, issuer := newClock(), authtest.NewIssuer(t)
	v := fromFile(t, issuer, c, func(config *token.Config) {
		config.Claims = auth.Claims{Roles: []auth.Role{auth.Decide}, Team: "everybody", Limits: auth.Limits{PerSecond: 5}}
		config.Fields = token.Fields{User: "email", Tier: "app.tier", Roles: "realm.roles", Routes: "routes"}
	})
	claims := good(c)
	maps.Copy(claims, map[string]any{
		"email": "ann@example.com", "app": map[string]any{"tier": "gold"}, "realm": map[string]any{"roles": []string{"forward", "owner", "decide"}},
		"routes": "billing refunds",
	})
	got, err := verify(t, v, issuer.Sign(claims))
	if err != nil {
		t.Fatal(err)
	}
	want := &auth.Identity{
		ID: "token:ann", Name: "ann", Method: auth.ByToken, Expires: c.Now().Add(time.Hour),
		Claims: auth.Claims{
			Roles: []auth.Role{auth.Decide, auth.Forward}, User: "ann@example.com", Team: "everybody", Tier: "gold",
			Routes: []string{"billing", "refunds"}, Limits: auth.Limits{PerSecond: 5},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(auth.Identity{}), cmpopts.EquateApproxTime(0)); diff != "" {
		t.Errorf("identity (-want +got):\n%s", diff)
	}
	delete(claims, "routes") // which would allow all
	if _, err := verify(t, v, issuer.Sign(claims)); !errors.Is(err, auth.ErrUnauthenticated) {
		t.Errorf("a token without the list that limits it gave %v", err)
	}
	claims["routes"] = "billing"
	delete(claims, "realm")
	if got, err := verify(t, v, issuer.Sign(claims)); err != nil || len(got.Roles) != 0 {
		t.Errorf("a token without the roles that were asked for: %+v, %v", got, err)
	}
}

func TestAFileOfKeysIsReadAgain(t *testing.T) {
	c, issuer := newClock(), authtest.NewIssuer(t)
	path := ""
	var told []error
	v := fromFile(t, issuer, c, func(config *token.Config) {
		path, config.Failed = config.JWKSFile, func(err error) { told = append(told, err) }
	})
	old := issuer.Sign(good(c))
	issuer.Rotate("k2")
	for _, step := range []struct {
		content      string
		old, new, at bool
	}{
		{"{broken", true, false, true},
		{string(issuer.KeySet()), false, true, false},
	} {
		if err := os.WriteFile(path, []byte(step.content), 0o600); err != nil {
			t.Fatal(err)
		}
		c.pass(2 * time.Second)
		_, errOld := verify(t, v, old)
		_, errNew := verify(t, v, issuer.Sign(good(c)))
		if (errOld == nil) != step.old || (errNew == nil) != step.new || (len(told) > 0) != step.at {
			t.Errorf("with %.20q: old %v, new %v, told %v", step.content, errOld, errNew, told)
		}
		told = nil
	}
}

func TestAnIssuerThatIsDown(t *testing.T) {
	c, issuer := newClock(), authtest.NewIssuer(t)
	issuer.Down.Store(true)
	failed := make(chan error, 100)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	config := token.Config{Issuer: "https://id.example", Audience: "semroute", JWKSURL: issuer.URL, Now: c.Now, Failed: func(err error) { failed <- err }}
	v, err := token.New(ctx, config)
	if err != nil {
		t.Fatalf("it keeps the server from starting: %v", err)
	}
	if err := <-failed; err == nil {
		t.Error("nobody is told why")
	}
	if _, err := verify(t, v, issuer.Sign(good(c))); !errors.Is(err, auth.ErrUnavailable) {
		t.Errorf("a token that cannot be checked gave %v", err)
	}
	issuer.Down.Store(false)
	up, err := token.New(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	for { // until it has answered
		if _, err = verify(t, up, issuer.Sign(good(c))); !errors.Is(err, auth.ErrUnavailable) {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	issuer.Down.Store(true)
	if _, err := verify(t, up, issuer.Sign(good(c))); err != nil {
		t.Errorf("keys that were read before are gone: %v", err)
	}
	// Tokens with keys that nobody knows must not have the issuer asked each time.
	issuer.Down.Store(false)
	issuer.Rotate("k9")
	before := issuer.Asked.Load()
	for range 50 {
		_, _ = verify(t, up, issuer.Sign(good(c)))
	}
	if asked := issuer.Asked.Load() - before; asked > 2 {
		t.Errorf("50 tokens of an unknown key had the issuer asked %d times", asked)
	}
}

func TestSettingsThatAreNotTaken(t *testing.T) {
	usable := token.Config{Issuer: "i", Audience: "a", JWKSURL: "http://127.0.0.1:1"}
	for name, change := range map[string]func(*token.Config){
		"no issuer":           func(c *token.Config) { c.Issuer = "" },
		"no audience":         func(c *token.Config) { c.Audience = "" },
		"no keys":             func(c *token.Config) { c.JWKSURL = "" },
		"keys over http":      func(c *token.Config) { c.JWKSURL = "http://id.example/keys" },
		"two sources of keys": func(c *token.Config) { c.JWKSFile = "x" },
		"a shared secret":     func(c *token.Config) { c.Algorithms = []string{"HS256"} },
		"no signature":        func(c *token.Config) { c.Algorithms = []string{"none"} },
		"an hour of leeway":   func(c *token.Config) { c.Leeway = time.Hour },
		"no such file":        func(c *token.Config) { c.JWKSURL, c.JWKSFile = "", filepath.Join(t.TempDir(), "none") },
	} {
		config := usable
		change(&config)
		if _, err := token.New(t.Context(), config); !errors.Is(err, token.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	c, issuer := newClock(), authtest.NewIssuer(f)
	path := filepath.Join(f.TempDir(), "jwks.json")
	if err := os.WriteFile(path, issuer.KeySet(), 0o600); err != nil {
		f.Fatal(err)
	}
	v, err := token.New(context.Background(), token.Config{Issuer: "https://id.example", Audience: "semroute", JWKSFile: path, Now: c.Now})
	if err != nil {
		f.Fatal(err)
	}
	genuine := issuer.Sign(good(c))
	f.Add(genuine)
	f.Add("a.b.c")
	f.Add(genuine[:len(genuine)-2])
	f.Fuzz(func(t *testing.T, secret string) {
		identity, err := v.Verify(context.Background(), auth.Credentials{Secret: secret})
		if (err == nil) != (identity != nil) {
			t.Errorf("%+v, %v", identity, err)
		}
		// Only the signature of the issuer is good; base64 has some slack at its end.
		if err == nil && strings.TrimSuffix(secret, secret[len(secret)-1:]) != strings.TrimSuffix(genuine, genuine[len(genuine)-1:]) {
			t.Errorf("%q is taken", secret)
		}
	})
}
