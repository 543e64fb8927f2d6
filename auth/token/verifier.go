package token

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-jwt/jwt/v5"

	"github.com/semroute/semroute/auth"
)

// Verifier verifies the tokens of one issuer. It is an auth.Verifier.
type Verifier struct {
	config Config
	parser *jwt.Parser
	keys   keys
}

// keys are the issuer's public keys.
type keys interface {
	// keyfunc finds the key of a token; an errNoKeys says that there are none yet.
	keyfunc(ctx context.Context) (jwt.Keyfunc, error)
}

// errNoKeys: the issuer's keys could never be read.
var errNoKeys = errors.New("the issuer's keys have not been read yet")

var _ auth.Verifier = (*Verifier)(nil)

// New verifies by a configuration. A file of keys that cannot be read is an
// ErrConfig; a URL is asked beside, until ctx ends.
func New(ctx context.Context, config Config) (*Verifier, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	v := &Verifier{config: config, parser: jwt.NewParser(
		jwt.WithValidMethods(config.Algorithms), jwt.WithIssuer(config.Issuer), jwt.WithAudience(config.Audience),
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(config.Leeway), jwt.WithTimeFunc(config.Now),
	)}
	if config.JWKSFile != "" {
		v.keys, err = newFileKeys(config)
	} else {
		v.keys = newURLKeys(ctx, config)
	}
	return v, err
}

// Verify implements auth.Verifier.
func (v *Verifier) Verify(ctx context.Context, c auth.Credentials) (*auth.Identity, error) {
	if strings.Count(c.Secret, ".") != 2 {
		return nil, auth.ErrOtherKind
	}
	find, err := v.keys.keyfunc(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", auth.ErrUnavailable, err)
	}
	claims := jwt.MapClaims{}
	if _, err := v.parser.ParseWithClaims(c.Secret, claims, find); err != nil {
		return nil, fmt.Errorf("%w: the token is refused: %w", auth.ErrUnauthenticated, err)
	}
	identity, err := v.identity(claims)
	if err != nil {
		return nil, fmt.Errorf("%w: the token is refused: %w", auth.ErrUnauthenticated, err)
	}
	return identity, nil
}

// identity is who the token is about.
func (v *Verifier) identity(claims jwt.MapClaims) (*auth.Identity, error) {
	subject, err := claims.GetSubject()
	if err != nil || subject == "" {
		return nil, errors.New("it has no subject")
	}
	expires, err := claims.GetExpirationTime()
	if err != nil {
		return nil, err
	}
	identity := &auth.Identity{
		ID: "token:" + subject, Name: subject, Method: auth.ByToken, Claims: v.config.Claims, Expires: expires.Time,
	}
	f := v.config.Fields
	text := func(name string, to *string) {
		if value, ok := at(claims, name).(string); ok {
			*to = value
		}
	}
	text(f.User, &identity.User)
	text(f.Team, &identity.Team)
	text(f.Tier, &identity.Tier)
	if roles := words(at(claims, f.Roles)); f.Roles != "" {
		identity.Roles = known(roles)
	}
	// A list that is named and missing must not open what it was to limit.
	for _, list := range []struct {
		name string
		to   *[]string
	}{{f.Routes, &identity.Routes}, {f.Models, &identity.Models}} {
		if list.name == "" {
			continue
		}
		if *list.to = words(at(claims, list.name)); len(*list.to) == 0 {
			return nil, fmt.Errorf("it has no claim %s", list.name)
		}
	}
	return identity, nil
}

// at is the claim under a name with dots; a claim whose own name has dots comes
// first.
func at(claims map[string]any, name string) any {
	if name == "" {
		return nil
	}
	if value, ok := claims[name]; ok {
		return value
	}
	first, rest, more := strings.Cut(name, ".")
	inner, ok := claims[first].(map[string]any)
	if !more || !ok {
		return nil
	}
	return at(inner, rest)
}

// words are a list of texts, or those of one text.
func words(value any) []string {
	switch v := value.(type) {
	case string:
		return strings.Fields(v)
	case []any:
		var list []string
		for _, item := range v {
			if text, ok := item.(string); ok {
				list = append(list, text)
			}
		}
		return list
	}
	return nil
}

func known(words []string) []auth.Role {
	var roles []auth.Role
	for _, role := range auth.Roles() {
		for _, word := range words {
			if word == string(role) {
				roles = append(roles, role)
				break
			}
		}
	}
	return roles
}
