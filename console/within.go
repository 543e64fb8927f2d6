package console

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// Within has requests of a browser's session asked in the name of its key: what
// stands behind sees the header that any other client would send, and no cookie, but
// for the sign-in, which keeps one. A request that another site has made is nobody's.
func Within(next http.Handler) http.Handler {
	crossing := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie") != "" && !strings.HasPrefix(r.URL.Path, loginPath) {
			r = r.Clone(r.Context())
			if secret, ok := sessionOf(r); ok && crossing.Check(r) == nil {
				r.Header.Set("Authorization", "Bearer "+secret)
			}
			r.Header.Del("Cookie")
		}
		next.ServeHTTP(w, r)
	})
}

// sessionOf is what the browser holds, unless the request shows something itself.
func sessionOf(r *http.Request) (string, bool) {
	if r.Header.Get("Authorization") != "" || r.Header.Get("X-Api-Key") != "" {
		return "", false
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return "", false
	}
	secret, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	return string(secret), err == nil && len(secret) > 0
}
