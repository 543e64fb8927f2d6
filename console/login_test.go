package console

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// issuer is one that signs everybody in who has a code, once PKCE's verifier is that of
// the challenge.
type issuer struct {
	*httptest.Server
	challenge string
	describes func() map[string]string // what it says of itself
	token     string
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{token: "header.claims.signature"}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(i.describes())
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if r.FormValue("code") != "the-code" || base64.RawURLEncoding.EncodeToString(sum[:]) != i.challenge {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"error":"invalid_grant"}`))
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": i.token})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	i.describes = func() map[string]string {
		return map[string]string{"issuer": i.URL, "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token"}
	}
	return i
}

// begin asks to sign in, and gives where the browser is sent with what it keeps.
func (i *issuer) begin(t *testing.T, login *Login) (url.Values, *http.Cookie) {
	t.Helper()
	w := httptest.NewRecorder()
	login.start(w, httptest.NewRequest(http.MethodGet, "http://router.example/console/login", nil))
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || len(w.Result().Cookies()) != 1 {
		t.Fatalf("%d, %v, %v", w.Code, w.Header(), err)
	}
	i.challenge = to.Query().Get("code_challenge")
	return to.Query(), w.Result().Cookies()[0]
}

// come is the browser coming back.
func come(login *Login, query string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "http://router.example/console/login/done?"+query, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	login.done(w, r)
	return w
}

func session(w *httptest.ResponseRecorder) string {
	for _, c := range w.Result().Cookies() {
		if c.Name == cookieName {
			return c.Value
		}
	}
	return ""
}

func TestASignInBecomesASession(t *testing.T) {
	i := newIssuer(t)
	login := NewLogin(LoginConfig{Issuer: i.URL, ClientID: "console"})
	asked, cookie := i.begin(t, login)
	if asked.Get("client_id") != "console" || asked.Get("redirect_uri") != "http://router.example/console/login/done" || asked.Get("code_challenge_method") != "S256" || !strings.Contains(asked.Get("scope"), "openid") {
		t.Errorf("the issuer is asked %v", asked)
	}
	if !cookie.HttpOnly || cookie.Path != loginPath {
		t.Errorf("%+v", cookie)
	}
	back := come(login, "code=the-code&state="+asked.Get("state"), cookie)
	if back.Header().Get("Location") != "/console/" {
		t.Errorf("the browser is sent to %s", back.Header().Get("Location"))
	}
	if secret, err := base64.RawURLEncoding.DecodeString(session(back)); err != nil || string(secret) != i.token {
		t.Errorf("the session holds %q, %v", secret, err)
	}
}

func TestWhoIsNotSignedIn(t *testing.T) {
	for name, c := range map[string]struct {
		query  func(state string) string
		change func(i *issuer)
		lost   bool // the browser has lost its cookie
	}{
		"another's state":       {query: func(string) string { return "code=the-code&state=another" }},
		"no state":              {query: func(string) string { return "code=the-code" }},
		"nothing was begun":     {query: func(s string) string { return "code=the-code&state=" + s }, lost: true},
		"a code that is wrong":  {query: func(s string) string { return "code=wrong&state=" + s }},
		"refused by the issuer": {query: func(s string) string { return "error=access_denied&state=" + s }},
		"another's verifier":    {query: func(s string) string { return "code=the-code&state=" + s }, change: func(i *issuer) { i.challenge = "x" }},
		"no ID token":           {query: func(s string) string { return "code=the-code&state=" + s }, change: func(i *issuer) { i.token = "" }},
		"a token too long":      {query: func(s string) string { return "code=the-code&state=" + s }, change: func(i *issuer) { i.token = strings.Repeat("x", 4000) }},
	} {
		t.Run(name, func(t *testing.T) {
			i := newIssuer(t)
			login := NewLogin(LoginConfig{Issuer: i.URL, ClientID: "console"})
			asked, cookie := i.begin(t, login)
			if c.change != nil {
				c.change(i)
			}
			cookies := []*http.Cookie{cookie}
			if c.lost {
				cookies = nil
			}
			back := come(login, c.query(asked.Get("state")), cookies...)
			if session(back) != "" || !strings.HasPrefix(back.Header().Get("Location"), "/console/?refused=") {
				t.Errorf("a session %q, sent to %s", session(back), back.Header().Get("Location"))
			}
		})
	}
}

func TestAnIssuerThatCannotBeAskedIsToldOf(t *testing.T) {
	i := newIssuer(t)
	described := i.describes
	login := NewLogin(LoginConfig{Issuer: i.URL, ClientID: "console"})
	for name, describes := range map[string]func() map[string]string{
		"another issuer": func() map[string]string {
			return map[string]string{"issuer": "https://evil.example", "authorization_endpoint": "https://evil.example/a", "token_endpoint": "https://evil.example/t"}
		},
		"says nothing": func() map[string]string { return nil },
	} {
		i.describes = describes
		w := httptest.NewRecorder()
		login.start(w, httptest.NewRequest(http.MethodGet, "http://router.example/console/login", nil))
		if !strings.HasPrefix(w.Header().Get("Location"), "/console/?refused=") {
			t.Errorf("%s: sent to %s", name, w.Header().Get("Location"))
		}
	}
	i.describes = described // it is asked again
	i.begin(t, login)
}
