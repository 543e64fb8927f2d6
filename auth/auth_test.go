package auth_test

import (
	"context"
	"crypto/x509"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/auth"
)

// TestWhatACallerSaysOfItselfWidensNothing: 60,000 invented users under a budget
// a user spend as one.
func TestWhatACallerSaysOfItselfWidensNothing(t *testing.T) {
	key := func(c auth.Claims) *auth.Identity { return &auth.Identity{ID: "key:a", Name: "a", Claims: c} }
	for name, test := range map[string]struct {
		who  *auth.Identity
		want [3]string // for a request that says invented, invented, gold
	}{
		"nobody is asked":                  {auth.Open(), [3]string{"invented", "invented", "gold"}},
		"a key without a user":             {key(auth.Claims{}), [3]string{"key:a", "", ""}},
		"a key of a user":                  {key(auth.Claims{User: "ann", Team: "red", Tier: "free"}), [3]string{"ann", "red", "free"}},
		"a gateway that names users":       {key(auth.Claims{Says: []string{"user"}, Tier: "free"}), [3]string{"invented", "", "free"}},
		"a gateway that names all":         {key(auth.Claims{Says: []string{"user", "team", "tier"}}), [3]string{"invented", "invented", "gold"}},
		"somebody without credentials":     {auth.Anonymous(auth.Claims{}), [3]string{"anonymous", "", ""}},
		"a context that nobody has filled": {auth.FromContext(t.Context()), [3]string{"anonymous", "", ""}},
	} {
		var got [3]string
		got[0], got[1], got[2] = test.who.Bind("invented", "invented", "gold")
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	gateway := key(auth.Claims{User: "ann", Says: []string{"user"}})
	if user, _, _ := gateway.Bind("", "", ""); user != "ann" {
		t.Errorf("a request that names nobody is %q's", user)
	}
}

func TestRoutesAndModels(t *testing.T) {
	all := &auth.Identity{Name: "all"}
	some := &auth.Identity{Name: "some", Claims: auth.Claims{Routes: []string{"billing"}, Models: []string{"small", "medium"}}}
	for name, test := range map[string]struct {
		who    *auth.Identity
		route  string
		models []string
		call   bool
		want   []string
		denied bool
	}{
		"everything":                {all, "x", []string{"large"}, true, []string{"large"}, false},
		"an allowed route":          {some, "billing", []string{"large", "medium", "small"}, true, []string{"medium", "small"}, false},
		"another route":             {some, "refunds", []string{"small"}, false, nil, true},
		"no allowed model, decided": {some, "billing", []string{"large"}, false, nil, false},
		"no allowed model, called":  {some, "billing", []string{"large"}, true, nil, true},
		"no models, called":         {some, "billing", nil, true, nil, true},
		"an abstention":             {some, "", []string{"large", "small"}, true, []string{"small"}, false},
	} {
		got, err := test.who.Within(test.route, test.models, test.call)
		if (err != nil) != test.denied || err != nil && !errors.Is(err, auth.ErrDenied) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: models (-want +got):\n%s", name, diff)
		}
	}
}

func TestRoles(t *testing.T) {
	who := &auth.Identity{Name: "a", Claims: auth.Claims{Roles: []auth.Role{auth.Decide}}}
	for action, allowed := range map[auth.Action]bool{
		auth.ToDecide: true, "/semroute.v1.RouterService/Route": true, auth.ToForward: false, "/semroute.v1.RouterService/StreamRoute": false,
		"/semroute.v1.RouterService/Unheard": false, "GET /unheard": false, "": false,
		"/grpc.health.v1.Health/Check": true, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": true,
	} {
		if err := auth.Authorize(who, action); (err == nil) != allowed || err != nil && !errors.Is(err, auth.ErrDenied) {
			t.Errorf("%q: %v, allowed should be %v", action, err, allowed)
		}
	}
	if err := auth.Authorize(auth.FromContext(context.Background()), auth.ToDecide); !errors.Is(err, auth.ErrDenied) {
		t.Errorf("without an identity: %v", err)
	}
	if err := auth.Authorize(auth.Open(), "/semroute.v1.RouterService/Unheard"); err != nil {
		t.Errorf("where nobody is asked: %v", err)
	}
}

func TestCredentialsOfAHeader(t *testing.T) {
	for name, test := range map[string]struct {
		header http.Header
		want   string
		bad    bool
	}{
		"none":                    {http.Header{}, "", false},
		"a bearer":                {http.Header{"Authorization": {"Bearer abc"}}, "abc", false},
		"in other letters":        {http.Header{"Authorization": {" bearer   abc "}}, "abc", false},
		"a key of its own":        {http.Header{"X-Api-Key": {"abc"}}, "abc", false},
		"the same twice":          {http.Header{"Authorization": {"Bearer abc"}, "X-Api-Key": {"abc"}}, "abc", false},
		"two different":           {http.Header{"Authorization": {"Bearer abc"}, "X-Api-Key": {"def"}}, "", true},
		"two different of a kind": {http.Header{"Authorization": {"Bearer abc", "Bearer def"}}, "", true},
		"another scheme":          {http.Header{"Authorization": {"Basic abc"}}, "", true},
		"no scheme":               {http.Header{"Authorization": {"abc"}}, "", true},
		"nothing behind":          {http.Header{"Authorization": {"Bearer  "}}, "", true},
		"an empty key":            {http.Header{"X-Api-Key": {""}}, "", true},
		"megabytes":               {http.Header{"X-Api-Key": {strings.Repeat("x", 1<<20)}}, "", true},
	} {
		got, err := auth.FromHeader(test.header.Values, nil)
		if (err != nil) != test.bad || err != nil && !errors.Is(err, auth.ErrUnauthenticated) || err == nil && got.Secret != test.want {
			t.Errorf("%s: %q, %v", name, got.Secret, err)
		}
		if err != nil && (strings.Contains(err.Error(), "abc") || strings.Contains(err.Error(), "def")) {
			t.Errorf("%s: the error shows the secret: %v", name, err)
		}
	}
}

type verifier struct {
	knows string
	err   error
}

func (v verifier) Verify(_ context.Context, c auth.Credentials) (*auth.Identity, error) {
	if c.Secret != v.knows {
		return nil, auth.ErrOtherKind
	}
	return &auth.Identity{ID: v.knows}, v.err
}

func TestTheFirstThatKnowsTheKindHasTheSay(t *testing.T) {
	down := errors.New("down")
	vs := auth.Verifiers{verifier{knows: "a"}, verifier{knows: "b", err: down}, verifier{knows: "b"}}
	for _, test := range []struct {
		shown auth.Credentials
		want  error
	}{
		{auth.Credentials{Secret: "a"}, nil},
		{auth.Credentials{Secret: "b"}, down},
		{auth.Credentials{Secret: "c"}, auth.ErrUnauthenticated},
		{auth.Credentials{}, auth.ErrUnauthenticated},
		{auth.Credentials{Peer: &x509.Certificate{}}, auth.ErrUnauthenticated},
	} {
		if _, err := vs.Authenticate(t.Context(), test.shown); !errors.Is(err, test.want) {
			t.Errorf("%q: %v, want %v", test.shown.Secret, err, test.want)
		}
	}
}

func TestAmountsAreExact(t *testing.T) {
	for text, want := range map[string]int64{"5": 5e9, "0.5": 5e8, "0": 0, "0.000000001": 1, "1e-05": 1e4, "2E3": 2e12, "9000000000": 9e18} {
		if got, err := auth.ParseUSD(text); err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
		if back, err := auth.ParseUSD(auth.FormatUSD(want)); err != nil || back != want {
			t.Errorf("%d as %s: %d, %v", want, auth.FormatUSD(want), back, err)
		}
	}
	for _, text := range []string{"", "x", "-1", "0.0000000001", "10000000000", "1e999999999", "1e31", "1/3", "0x10", "1_000", "1e", "NaN", "Inf", strings.Repeat("1", 100)} {
		if got, err := auth.ParseUSD(text); !errors.Is(err, auth.ErrClaims) {
			t.Errorf("%q: %d, %v", text, got, err)
		}
	}
}

func TestClaimsThatMakeNoSense(t *testing.T) {
	negative := int64(-1)
	for name, c := range map[string]auth.Claims{
		"a role that is none": {Roles: []auth.Role{"root"}}, "the role of the table": {Roles: []auth.Role{auth.Anyone}},
		"a field that is none": {Says: []string{"budget"}}, "an empty budget": {Budget: &auth.Budget{}},
		"a window that is none": {Budget: &auth.Budget{TokensPerMinute: 1, Window: "year"}}, "a negative budget": {Budget: &auth.Budget{USD: &negative}},
		"negative tokens": {Budget: &auth.Budget{TokensPerMinute: -1}}, "a negative rate": {Limits: auth.Limits{PerSecond: -1}},
	} {
		if err := c.Check(); !errors.Is(err, auth.ErrClaims) {
			t.Errorf("%s: %v", name, err)
		}
	}
	zero := int64(0)
	if err := (&auth.Claims{Roles: auth.Roles(), Says: []string{"user"}, Budget: &auth.Budget{USD: &zero}}).Check(); err != nil {
		t.Error(err)
	}
}
