package peercert_test

import (
	"errors"
	"testing"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/auth/authtest"
	"github.com/semroute/semroute/auth/peercert"
)

func TestNames(t *testing.T) {
	ca := authtest.NewCA(t)
	named := map[string]auth.Claims{"spiffe://prod/app": {User: "app"}, "db.internal": {User: "db"}}
	for name, test := range map[string]struct {
		names []string
		other *auth.Claims
		want  string // the user, "" for refused
	}{
		"a URI":                        {[]string{"x.internal", "spiffe://prod/app"}, nil, "app"},
		"a DNS name":                   {[]string{"db.internal"}, nil, "db"},
		"another name":                 {[]string{"evil.internal"}, nil, ""},
		"a part of a name":             {[]string{"a.db.internal"}, nil, ""},
		"another, where others may":    {[]string{"c.internal"}, &auth.Claims{User: "any"}, "any"},
		"no name at all, others may":   {nil, &auth.Claims{User: "any"}, ""},
		"a known name, where all may":  {[]string{"db.internal"}, &auth.Claims{User: "any"}, "db"},
		"a known one that comes later": {[]string{"a.internal", "db.internal"}, &auth.Claims{User: "any"}, "db"},
	} {
		cert, key := ca.Issue(test.names...)
		peer := authtest.Parsed(t, cert, key)
		got, err := peercert.New(named, test.other).Verify(t.Context(), auth.Credentials{Peer: peer})
		switch {
		case test.want == "" && !errors.Is(err, auth.ErrUnauthenticated):
			t.Errorf("%s: %+v, %v", name, got, err)
		case test.want != "" && (err != nil || got.User != test.want || got.Method != auth.ByCertificate):
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if _, err := peercert.New(named, test.other).Verify(t.Context(), auth.Credentials{Peer: peer, Secret: "x"}); !errors.Is(err, auth.ErrOtherKind) {
			t.Errorf("%s, beside a secret: %v", name, err)
		}
	}
}
