package console

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/auth"
)

// behind is what stands behind Within: it tells which headers it was sent.
func behind(method, target string, header map[string]string) (authorization, cookie string) {
	handler := Within(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		authorization, cookie = r.Header.Get("Authorization"), r.Header.Get("Cookie")
	}))
	r := httptest.NewRequest(method, target, nil)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	handler.ServeHTTP(httptest.NewRecorder(), r)
	return authorization, cookie
}

// begun is the cookie of a session that a key has begun.
func begun(t *testing.T, key string) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), auth.Open()), http.MethodPost, "/console/session", nil)
	r.Header.Set("Authorization", "Bearer "+key)
	Sessions(false)["POST /console/session"].Handle(w, r)
	if w.Code != http.StatusOK || len(w.Result().Cookies()) != 1 {
		t.Fatalf("%d, %v: %s", w.Code, w.Result().Cookies(), w.Body)
	}
	return w.Result().Cookies()[0]
}

func TestASessionAsksByItsKey(t *testing.T) {
	cookie := begun(t, "a-key.with=signs/")
	session := cookie.Name + "=" + cookie.Value
	for name, c := range map[string]struct {
		method string
		header map[string]string
		want   string
	}{
		"the page itself":                 {"POST", map[string]string{"Cookie": session, "Sec-Fetch-Site": "same-origin"}, "Bearer a-key.with=signs/"},
		"an older browser":                {"POST", map[string]string{"Cookie": session, "Origin": "http://router.example"}, "Bearer a-key.with=signs/"},
		"a program with the cookie":       {"POST", map[string]string{"Cookie": session}, "Bearer a-key.with=signs/"},
		"another site":                    {"POST", map[string]string{"Cookie": session, "Sec-Fetch-Site": "cross-site"}, ""},
		"another site, an older browser":  {"POST", map[string]string{"Cookie": session, "Origin": "http://evil.example"}, ""},
		"another host of the same site":   {"POST", map[string]string{"Cookie": session, "Sec-Fetch-Site": "same-site"}, ""},
		"a key of its own":                {"POST", map[string]string{"Cookie": session, "Authorization": "Bearer other"}, "Bearer other"},
		"a key of its own, Anthropic's":   {"POST", map[string]string{"Cookie": session, "X-Api-Key": "other"}, ""},
		"no session":                      {"POST", map[string]string{"Cookie": "theme=dark"}, ""},
		"what is no session of this page": {"POST", map[string]string{"Cookie": cookie.Name + "=%%%"}, ""},
		"an empty session":                {"POST", map[string]string{"Cookie": cookie.Name + "="}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			authorization, sent := behind(c.method, "http://router.example/v1/route", c.header)
			if authorization != c.want || sent != "" {
				t.Errorf("authorization %q, want %q; cookie %q, want none", authorization, c.want, sent)
			}
		})
	}
}

func TestTheCookieIsKeptFromScriptsAndSites(t *testing.T) {
	cookie := begun(t, "key")
	if !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.MaxAge <= 0 || cookie.Path != "/" || cookie.Secure {
		t.Errorf("%+v", cookie)
	}
	if strings.Contains(cookie.Value, "key") {
		t.Error("the key stands in the cookie as it is, where logs look for it")
	}
	r := httptest.NewRequest(http.MethodPost, "/console/session", nil)
	r.Header.Set("X-Forwarded-Proto", "https")
	w := httptest.NewRecorder()
	keep(w, r, "x", sessionLife)
	if !w.Result().Cookies()[0].Secure {
		t.Error("behind TLS the cookie would also be sent without")
	}
}

func TestAnEndedSessionIsGone(t *testing.T) {
	w := httptest.NewRecorder()
	Sessions(false)["DELETE /console/session"].Handle(w, httptest.NewRequest(http.MethodDelete, "/console/session", nil))
	if w.Code != http.StatusNoContent || len(w.Result().Cookies()) != 1 || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Errorf("%d, %v", w.Code, w.Result().Cookies())
	}
}

func TestWhatIsToldOfASession(t *testing.T) {
	identity := &auth.Identity{Name: "app", Claims: auth.Claims{Roles: []auth.Role{auth.Decide}}}
	for name, c := range map[string]struct {
		of   *auth.Identity
		want string
	}{
		"a key":            {identity, `{"name":"app","roles":["decide"],"open":false}`},
		"nobody is asked":  {auth.Open(), `{"name":"anyone","roles":["decide","forward","feedback","admin","metrics"],"open":true}`},
		"nobody in person": {auth.Anonymous(auth.Claims{}), `{"name":"anonymous","roles":[],"open":false}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			r := httptest.NewRequestWithContext(auth.NewContext(t.Context(), c.of), http.MethodGet, "/console/session", nil)
			Sessions(false)["GET /console/session"].Handle(w, r)
			if diff := cmp.Diff(c.want, strings.TrimSpace(w.Body.String())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestATokenLongerThanACookieIsRefused(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/console/session", nil)
	r.Header.Set("Authorization", "Bearer "+strings.Repeat("x", 4000))
	begin(w, r)
	if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "API key") || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	for err, want := range map[error]int{
		auth.ErrUnauthenticated: http.StatusUnauthorized,
		auth.ErrDenied:          http.StatusForbidden,
		auth.ErrUnavailable:     http.StatusServiceUnavailable,
		http.ErrAbortHandler:    http.StatusInternalServerError,
	} {
		w := httptest.NewRecorder()
		refuse(w, err, true)
		if w.Code != want || !strings.Contains(w.Body.String(), `"error":"`) || !strings.Contains(w.Body.String(), `"login":true`) {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
	}
}

func TestThePageLoadsNothingFromElsewhere(t *testing.T) {
	pages, err := Pages(nil)
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for pattern, handle := range pages {
		mux.HandleFunc(pattern, handle)
	}
	ask := func(path, etag string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("If-None-Match", etag)
		mux.ServeHTTP(w, r)
		return w
	}
	for path, want := range map[string]struct {
		status int
		media  string
	}{
		"/console":              {http.StatusMovedPermanently, "text/html; charset=utf-8"},
		"/console/":             {http.StatusOK, "text/html; charset=utf-8"},
		"/console/main.js":      {http.StatusOK, "text/javascript; charset=utf-8"},
		"/console/main.css":     {http.StatusOK, "text/css; charset=utf-8"},
		"/console/none.js":      {http.StatusNotFound, "text/plain; charset=utf-8"},
		"/console/../auth":      {http.StatusTemporaryRedirect, "text/html; charset=utf-8"},
		"/console/assets/x.css": {http.StatusNotFound, "text/plain; charset=utf-8"},
	} {
		answer := ask(path, "")
		if answer.Code != want.status || answer.Header().Get("Content-Type") != want.media {
			t.Errorf("%s: %d, %s; want %+v", path, answer.Code, answer.Header().Get("Content-Type"), want)
		}
		if want.status != http.StatusOK {
			continue
		}
		if csp := answer.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is %q", path, csp)
		}
		if again := ask(path, answer.Header().Get("ETag")); again.Code != http.StatusNotModified {
			t.Errorf("%s is sent again: %d", path, again.Code)
		}
	}
}
