//go:build integration

package console_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/semroute/semroute/auth/authtest"
)

// TestPeopleSignInAtTheirIssuer: a real browser goes to an issuer and comes back.
func TestPeopleSignInAtTheirIssuer(t *testing.T) {
	keys := authtest.NewIssuer(t)
	challenge := ""
	mux := http.NewServeMux()
	provider := httptest.NewServer(mux)
	t.Cleanup(provider.Close)
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": provider.URL, "authorization_endpoint": provider.URL + "/authorize", "token_endpoint": provider.URL + "/token"})
	})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		challenge = r.URL.Query().Get("code_challenge")
		http.Redirect(w, r, r.URL.Query().Get("redirect_uri")+"?"+url.Values{"code": {"c"}, "state": {r.URL.Query().Get("state")}}.Encode(), http.StatusSeeOther)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if base64.RawURLEncoding.EncodeToString(sum[:]) != challenge {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": keys.Sign(map[string]any{
			"iss": provider.URL, "aud": "console", "sub": "ann", "exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix(),
		})})
	})
	file := filepath.Join(t.TempDir(), "auth.yaml")
	if err := os.WriteFile(file, []byte("tokens:\n  issuer: "+provider.URL+"\n  audience: console\n  jwks_url: "+keys.URL+"\n  algorithms: [ES256]\n  roles: [decide, admin]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := browse(t, serve(t, support(t), "--auth", file, "--console-client-id", "console").Console)
	b.press("Sign in with your organisation")
	b.types("Prompt", "please close my account")
	b.sees("confidence")
	b.press("Sign out")
	b.sees("sign in with your organisation")
}
