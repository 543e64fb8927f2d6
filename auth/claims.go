package auth

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrClaims: what somebody is to be allowed makes no sense.
var ErrClaims = errors.New("unusable claims")

// Claims are what an identity carries. An empty list of routes or models allows
// all. In JSON they are kept with keys in a store.
type Claims struct {
	Roles []Role `json:"roles,omitempty"`
	// User, Team and Tier are what the caller's requests count as, whatever they
	// say.
	User string `json:"user,omitempty"`
	Team string `json:"team,omitempty"`
	Tier string `json:"tier,omitempty"`
	// Says are those of "user", "team" and "tier" that the caller is trusted to
	// name itself, as a gateway in front of many users is. What it leaves out is
	// the claim.
	Says []string `json:"says,omitempty"`
	// Routes and Models are the only ones that decisions and calls may lead to.
	Routes []string `json:"routes,omitempty"`
	Models []string `json:"models,omitempty"`
	// Budget is what the identity may spend in all, beside the catalog's budgets.
	Budget *Budget `json:"budget,omitempty"`
	// Limits bound how often and how much at once it may ask.
	Limits Limits `json:"limits,omitzero"`
}

// Budget limits what an identity spends. A limit of 0 allows nothing, nil or
// leaving it out means no limit.
type Budget struct {
	// USD is the limit of a window in nano-dollars.
	USD *int64 `json:"usd_nano,omitempty"`
	// Window is "day" or "month"; empty is a day.
	Window string `json:"window,omitempty"`
	// TokensPerMinute limits input and output tokens together; 0 is no limit.
	TokensPerMinute int64 `json:"tokens_per_minute,omitempty"`
}

// Limits bound how much an identity may ask; 0 is no limit.
type Limits struct {
	// PerSecond is prompts a second in the long run, Burst how many at once;
	// 0 is one second's.
	PerSecond float64 `json:"per_second,omitempty"`
	Burst     int     `json:"burst,omitempty"`
	// Concurrent is calls in flight.
	Concurrent int `json:"concurrent,omitempty"`
}

// Fields that a caller can be trusted to name.
const (
	SaysUser = "user"
	SaysTeam = "team"
	SaysTier = "tier"
)

// Check is nil for claims that make sense, otherwise an ErrClaims that names the
// field.
func (c *Claims) Check() error {
	for _, role := range c.Roles {
		if !slices.Contains(Roles(), role) {
			return fmt.Errorf("%w: unknown role %q; there are %s", ErrClaims, role, roleWords())
		}
	}
	for _, field := range c.Says {
		if field != SaysUser && field != SaysTeam && field != SaysTier {
			return fmt.Errorf("%w: says: %q is none of user, team and tier", ErrClaims, field)
		}
	}
	if b := c.Budget; b != nil {
		switch {
		case b.Window != "" && b.Window != "day" && b.Window != "month":
			return fmt.Errorf("%w: budget: the window must be day or month, not %q", ErrClaims, b.Window)
		case b.USD == nil && b.TokensPerMinute == 0:
			return fmt.Errorf("%w: budget: it limits nothing; give it usd or tokens_per_minute", ErrClaims)
		case b.USD != nil && *b.USD < 0 || b.TokensPerMinute < 0:
			return fmt.Errorf("%w: budget: no limit may be negative", ErrClaims)
		}
	}
	if l := c.Limits; l.PerSecond < 0 || l.Burst < 0 || l.Concurrent < 0 {
		return fmt.Errorf("%w: limits: none may be negative", ErrClaims)
	}
	return nil
}

func roleWords() string {
	var words []string
	for _, r := range Roles() {
		words = append(words, string(r))
	}
	return strings.Join(words, ", ")
}

// Method is how an identity was proven.
type Method string

// The methods.
const (
	ByNothing     Method = "none"
	ByKey         Method = "key"
	ByToken       Method = "token"
	ByCertificate Method = "certificate"
)

// Identity is who calls. It is not changed once it is made.
type Identity struct {
	Claims
	// ID is unique among identities, such as key:4fk2…; it is no secret.
	ID string
	// Name is for people.
	Name   string
	Method Method
	// Expires is when the proof ends; the zero time is never.
	Expires time.Time
	// open says that nobody is asked who they are.
	open bool
}
