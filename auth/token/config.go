// Package token verifies JSON Web Tokens of one issuer, as OpenID Connect has
// them. It promises that only the algorithms, the issuer and the audience that
// were set are taken, that no token without an end is, and that an issuer that
// cannot be reached leaves the keys that it published before.
package token

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/internal/outbound"
)

// ErrConfig: tokens cannot be verified like this.
var ErrConfig = errors.New("unusable settings of tokens")

// Config says which tokens are taken.
type Config struct {
	// Issuer and Audience must be those of the token, to the letter.
	Issuer, Audience string
	// JWKSFile or JWKSURL has the issuer's public keys; one of them. The file is
	// read again when it changes, the URL every Refresh, and once more, at most
	// twice a minute, for a key that is not known.
	JWKSFile, JWKSURL string
	// Algorithms are those that are taken; empty is RS256 and ES256.
	Algorithms []string
	// Leeway (30 s) is how far clocks may be apart.
	Leeway time.Duration
	// Refresh (5 min) is how often the URL is asked.
	Refresh time.Duration
	// Fields are the claims of the token that say whose it is and what it may do.
	Fields Fields
	// Claims are what every token carries; what Fields name takes their place.
	Claims auth.Claims
	// Client asks the URL; it must follow no redirects. nil makes one.
	Client *http.Client
	// Failed is told when the URL cannot be asked; nil tells nobody.
	Failed func(error)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Fields name claims of a token, with dots between the keys of objects within
// objects; empty names are not looked for.
type Fields struct {
	// User (sub), Team and Tier are texts.
	User, Team, Tier string
	// Roles, Routes and Models are lists of texts, or one text with blanks
	// between. Of roles, those that are not this program's are left out.
	Roles, Routes, Models string
}

// trusted says whether nobody on the way can change what comes from an address.
func trusted(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http" && outbound.ThisMachine(u.Hostname()))
}

// asymmetric are the algorithms that verify with a public key: with any other,
// who can verify can sign.
func asymmetric() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}
}

const (
	usualLeeway  = 30 * time.Second
	maxLeeway    = 10 * time.Minute
	usualRefresh = 5 * time.Minute
)

func (c Config) withDefaults() (Config, error) {
	switch {
	case c.Issuer == "" || c.Audience == "":
		return c, fmt.Errorf("%w: issuer and audience are needed", ErrConfig)
	case (c.JWKSFile == "") == (c.JWKSURL == ""):
		return c, fmt.Errorf("%w: give either jwks_file or jwks_url", ErrConfig)
	case c.JWKSURL != "" && !trusted(c.JWKSURL):
		return c, fmt.Errorf("%w: jwks_url must be https, or http on this machine: whoever changes the keys on their way can sign tokens", ErrConfig)
	case c.Leeway < 0 || c.Leeway > maxLeeway:
		return c, fmt.Errorf("%w: leeway must be between 0 and %s", ErrConfig, maxLeeway)
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{"RS256", "ES256"}
	}
	for _, a := range c.Algorithms {
		if !slices.Contains(asymmetric(), a) {
			return c, fmt.Errorf("%w: algorithm %q is none of %v", ErrConfig, a, asymmetric())
		}
	}
	if c.Leeway == 0 {
		c.Leeway = usualLeeway
	}
	if c.Refresh == 0 {
		c.Refresh = usualRefresh
	}
	if c.Fields.User == "" {
		c.Fields.User = "sub"
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Failed == nil {
		c.Failed = func(error) {}
	}
	return c, c.Claims.Check()
}
