package console

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/ingress"
)

// cookieName is the cookie that holds what a browser has shown. Scripts cannot read
// it, and other sites cannot have it sent.
const cookieName = "semroute_console"

// sessionLife is how long a browser keeps a key, at most: a working day. A key or
// token that ends or is revoked before ends the session with it.
const sessionLife = 12 * time.Hour

// maxCookie is what browsers keep of one.
const maxCookie = 4000

// Session is what a page may know of who uses it.
type Session struct {
	// Name of the caller, for people.
	Name string `json:"name"`
	// Roles that the caller has.
	Roles []string `json:"roles"`
	// Open: the server asks nobody who they are, so that nobody can sign out.
	Open bool `json:"open"`
}

// Sessions begin and end the session of a browser, and say whose it is. logins says
// that people can sign in at an issuer, too.
func Sessions(logins bool) map[string]ingress.Route {
	fail := func(w http.ResponseWriter, err error) { refuse(w, err, logins) }
	return map[string]ingress.Route{
		"GET /console/session":    {Handle: tell, Fail: fail},
		"POST /console/session":   {Handle: begin, Fail: fail},
		"DELETE /console/session": {Handle: end, Fail: fail},
	}
}

// begin keeps in the browser what the caller has shown in this request's header, and
// what auth has found to be good.
func begin(w http.ResponseWriter, r *http.Request) {
	shown, err := auth.FromHeader(func(name string) []string { return r.Header.Values(name) }, nil)
	if err != nil {
		refuse(w, err, false)
		return
	}
	if value := base64.RawURLEncoding.EncodeToString([]byte(shown.Secret)); value != "" {
		if len(value) > maxCookie {
			answer(w, http.StatusRequestEntityTooLarge, problem{Error: "the token is longer than browsers keep: use an API key"})
			return
		}
		keep(w, r, value, sessionLife)
	}
	tell(w, r)
}

func end(w http.ResponseWriter, r *http.Request) {
	keep(w, r, "", -time.Second)
	w.WriteHeader(http.StatusNoContent)
}

// keep sets the cookie; a life of less than nothing ends it.
func keep(w http.ResponseWriter, r *http.Request, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the browser came by TLS
		Name: cookieName, Value: value, Path: "/", MaxAge: int(life / time.Second),
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: encrypted(r),
	})
}

// encrypted says whether the browser came by TLS, to us or to what stands before us.
// Whoever invents the header makes their own cookie stricter, and no more.
func encrypted(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}

func tell(w http.ResponseWriter, r *http.Request) {
	identity := auth.FromContext(r.Context())
	session := Session{Name: identity.Name, Roles: []string{}, Open: identity.Unchecked()}
	for _, role := range identity.Roles {
		session.Roles = append(session.Roles, string(role))
	}
	answer(w, http.StatusOK, session)
}

// problem is how an error is told to the page.
type problem struct {
	Error string `json:"error"`
	// Login: people can sign in at the issuer of tokens.
	Login bool `json:"login,omitempty"`
}

// statuses are those of failures before anybody is known; others are ours.
var statuses = map[ingress.Kind]int{
	ingress.Unauthenticated: http.StatusUnauthorized,
	ingress.Denied:          http.StatusForbidden,
	ingress.Exhausted:       http.StatusTooManyRequests,
	ingress.Unavailable:     http.StatusServiceUnavailable,
}

func refuse(w http.ResponseWriter, err error, logins bool) {
	failure, _ := ingress.FailureOf(err)
	status, ok := statuses[failure.Kind]
	if !ok {
		status, failure.Message = http.StatusInternalServerError, "something failed; the server's log says more"
	}
	answer(w, status, problem{Error: failure.Message, Login: logins})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever has gone needs no answer
}
