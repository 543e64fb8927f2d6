package auth

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// Open is the identity of every caller where nobody is asked: it may do all, and
// what callers say about themselves is believed.
func Open() *Identity {
	return &Identity{ID: "open", Name: "anyone", Method: ByNothing, open: true, Claims: Claims{Roles: Roles()}}
}

// Anonymous is a caller without credentials where others have some.
func Anonymous(claims Claims) *Identity {
	return &Identity{ID: "anonymous", Name: "anonymous", Method: ByNothing, Claims: claims}
}

// Unchecked says that the server asks nobody who they are.
func (i *Identity) Unchecked() bool { return i.open }

// Bind gives the user, team and tier that a request counts as, whatever it says.
// Where the identity is not trusted to name a user and has none, all of its
// requests are those of one user: the identity itself.
func (i *Identity) Bind(user, team, tier string) (boundUser, boundTeam, boundTier string) {
	if i.open {
		return user, team, tier
	}
	bound := func(field, claim, said string) string {
		if said != "" && slices.Contains(i.Says, field) {
			return said
		}
		return claim
	}
	return bound(SaysUser, cmp.Or(i.User, i.ID), user), bound(SaysTeam, i.Team, team), bound(SaysTier, i.Tier, tier)
}

// AllowsRoute says whether the identity may have decisions for the route.
func (i *Identity) AllowsRoute(name string) bool {
	return len(i.Routes) == 0 || slices.Contains(i.Routes, name)
}

// AllowsModel says whether calls may be made to the model.
func (i *Identity) AllowsModel(name string) bool {
	return len(i.Models) == 0 || slices.Contains(i.Models, name)
}

// Within holds a decision to what the identity is allowed: it is an ErrDenied
// for another route, and leaves of the models those that are allowed. Some
// models of which none is allowed are an ErrDenied where they are to be called.
func (i *Identity) Within(route string, models []string, call bool) ([]string, error) {
	if route != "" && !i.AllowsRoute(route) {
		return nil, fmt.Errorf("%w: the prompt leads to a route that %s is not allowed", ErrDenied, i.Name)
	}
	if len(i.Models) == 0 {
		return models, nil
	}
	var allowed []string
	for _, m := range models {
		if i.AllowsModel(m) {
			allowed = append(allowed, m)
		}
	}
	if call && len(allowed) == 0 {
		return nil, fmt.Errorf("%w: %s is allowed none of the models that may serve the prompt", ErrDenied, i.Name)
	}
	return allowed, nil
}

type contextKey struct{}

// NewContext is a context in which the identity calls.
func NewContext(ctx context.Context, i *Identity) context.Context {
	tell(ctx, i)
	return context.WithValue(ctx, contextKey{}, i)
}

// FromContext is who calls; without an identity in the context that is a caller
// who may do nothing.
func FromContext(ctx context.Context) *Identity {
	if i, ok := ctx.Value(contextKey{}).(*Identity); ok {
		return i
	}
	return Anonymous(Claims{})
}
