package console

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"

	"github.com/semroute/semroute/internal/outbound"
)

// Who has no key signs in at the issuer of tokens, by OpenID Connect's code flow with
// PKCE. What comes back, an ID token, becomes the session as a key would; whether it is
// good, and for what, is auth's to say.
const (
	loginStart = "GET /console/login"
	loginDone  = "GET /console/login/done"
)

const (
	// loginCookie holds what a sign-in needs until the browser comes back.
	loginCookie = "semroute_login"
	loginPath   = "/console/login"
	// loginLife is how long a person may take at the issuer.
	loginLife = 10 * time.Minute
	// issuerTime bounds a question to the issuer.
	issuerTime = 10 * time.Second
	// maxDiscovery bounds the issuer's description of itself.
	maxDiscovery = 1 << 20
)

// LoginConfig says where people sign in.
type LoginConfig struct {
	// Issuer is the issuer's address, as tokens name it.
	Issuer string
	// ClientID and ClientSecret are what the issuer knows the console by; the secret is
	// empty for a public client.
	ClientID, ClientSecret string
	// Client asks the issuer; nil makes one that follows no redirects.
	Client *http.Client
}

// Login signs people in. It is safe for concurrent use.
type Login struct {
	config LoginConfig

	mu       sync.Mutex // protects endpoint
	endpoint *oauth2.Endpoint
}

// NewLogin makes one. The issuer is asked where to sign in once somebody wants to, so
// that one that is down keeps no server from starting.
func NewLogin(c LoginConfig) *Login {
	if c.Client == nil {
		c.Client = &http.Client{
			Timeout:       issuerTime,
			Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DialContext: outbound.Dialer(issuerTime, 0).DialContext, ForceAttemptHTTP2: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &Login{config: c}
}

// attempt is a sign-in that has begun.
type attempt struct {
	State    string `json:"state"`
	Verifier string `json:"verifier"`
}

// start sends the browser to the issuer.
func (l *Login) start(w http.ResponseWriter, r *http.Request) {
	flow, err := l.flow(r)
	if err != nil {
		l.refused(w, r, "the issuer of tokens does not answer")
		return
	}
	a := attempt{State: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	content, err := json.Marshal(a)
	if err != nil {
		l.refused(w, r, "something failed")
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure wherever the browser came by TLS
		Name: loginCookie, Value: base64.RawURLEncoding.EncodeToString(content), Path: loginPath, MaxAge: int(loginLife / time.Second),
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: encrypted(r), // Lax: the issuer's page sends the browser back
	})
	http.Redirect(w, r, flow.AuthCodeURL(a.State, oauth2.S256ChallengeOption(a.Verifier)), http.StatusSeeOther)
}

// done takes the browser back from the issuer, with a code that is worth a token.
func (l *Login) done(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{Name: loginCookie, Path: loginPath, MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: encrypted(r)}) //nolint:gosec // as it was set
	begun, ok := begunBy(r)
	if query := r.URL.Query(); !ok || begun.State == "" || query.Get("state") != begun.State {
		l.refused(w, r, "the sign-in was not begun here, or took too long; begin again")
		return
	}
	flow, err := l.flow(r)
	if err != nil {
		l.refused(w, r, "the issuer of tokens does not answer")
		return
	}
	ctx := context.WithValue(r.Context(), oauth2.HTTPClient, l.config.Client)
	token, err := flow.Exchange(ctx, r.URL.Query().Get("code"), oauth2.VerifierOption(begun.Verifier))
	if err != nil {
		l.refused(w, r, "the issuer has not signed you in")
		return
	}
	id, _ := token.Extra("id_token").(string)
	value := base64.RawURLEncoding.EncodeToString([]byte(id))
	if id == "" || len(value) > maxCookie {
		l.refused(w, r, "the issuer gives no ID token that a browser can keep; use an API key")
		return
	}
	keep(w, r, value, sessionLife)
	http.Redirect(w, r, "/console/", http.StatusSeeOther)
}

// begunBy is the sign-in that the browser has begun.
func begunBy(r *http.Request) (attempt, bool) {
	var a attempt
	cookie, err := r.Cookie(loginCookie)
	if err != nil {
		return a, false
	}
	content, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	return a, err == nil && json.Unmarshal(content, &a) == nil
}

// refused goes back to the page, which says why.
func (l *Login) refused(w http.ResponseWriter, r *http.Request, why string) {
	http.Redirect(w, r, "/console/?refused="+url.QueryEscape(why), http.StatusSeeOther)
}

// flow is the code flow for a browser that has come by the address of the request.
func (l *Login) flow(r *http.Request) (*oauth2.Config, error) {
	endpoint, err := l.discover(r.Context())
	if err != nil {
		return nil, err
	}
	scheme := "http"
	if encrypted(r) {
		scheme = "https"
	}
	return &oauth2.Config{
		ClientID: l.config.ClientID, ClientSecret: l.config.ClientSecret, Endpoint: endpoint,
		RedirectURL: scheme + "://" + r.Host + loginPath + "/done", Scopes: []string{"openid", "profile", "email"},
	}, nil
}

// discover asks the issuer where to sign in, until it has said so once.
func (l *Login) discover(ctx context.Context) (oauth2.Endpoint, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.endpoint != nil {
		return *l.endpoint, nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(l.config.Issuer, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return oauth2.Endpoint{}, err
	}
	response, err := l.config.Client.Do(request)
	if err != nil {
		return oauth2.Endpoint{}, err
	}
	defer func() { _ = response.Body.Close() }()
	var said struct {
		Issuer string `json:"issuer"`
		Auth   string `json:"authorization_endpoint"`
		Token  string `json:"token_endpoint"`
	}
	if response.StatusCode != http.StatusOK {
		return oauth2.Endpoint{}, fmt.Errorf("the issuer answers %s", response.Status)
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxDiscovery)).Decode(&said); err != nil {
		return oauth2.Endpoint{}, err
	}
	if said.Issuer != l.config.Issuer || said.Auth == "" || said.Token == "" {
		return oauth2.Endpoint{}, errors.New("the issuer describes another")
	}
	l.endpoint = &oauth2.Endpoint{AuthURL: said.Auth, TokenURL: said.Token}
	return *l.endpoint, nil
}
