package ingress

import (
	"slices"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/router"
)

// bind has a prompt count as its caller's, whatever it says of itself.
func bind(who *auth.Identity, ask *Ask) {
	user := &ask.Prompt.User
	user.ID, user.Team, user.Tier = who.Bind(user.ID, user.Team, user.Tier)
}

// restrict holds a decision to the routes and models that its caller is allowed,
// also in what it says of other routes. call: a model is to be called for it.
func restrict(who *auth.Identity, d *router.Decision, call bool) error {
	if len(who.Routes) == 0 && len(who.Models) == 0 {
		return nil
	}
	serves := d.Route
	if serves == "" && (call || who.AllowsRoute(d.FallbackRoute)) {
		serves = d.FallbackRoute
	}
	if serves == "" && d.FallbackRoute != "" { // an honest none stays one, without models that are not for the caller
		d.FallbackRoute, d.Models = "", nil
	}
	models, err := who.Within(serves, d.Models, call)
	if err != nil {
		return err
	}
	d.Models = models
	d.Candidates = slices.DeleteFunc(slices.Clone(d.Candidates), func(c router.Candidate) bool { return !who.AllowsRoute(c.Route) })
	d.Matches = slices.DeleteFunc(slices.Clone(d.Matches), func(m router.Match) bool { return !who.AllowsRoute(m.Route) })
	return nil
}

// keyOf is what budgets count a caller's calls under, "" where nobody is asked
// who they are.
func keyOf(who *auth.Identity) string {
	if who.Unchecked() {
		return ""
	}
	return who.ID
}

// allowanceOf is what the identity itself may spend.
func allowanceOf(who *auth.Identity) *forward.Allowance {
	b := who.Budget
	if b == nil {
		return nil
	}
	return &forward.Allowance{USD: b.USD, Month: b.Window == "month", TokensPerMinute: b.TokensPerMinute}
}
