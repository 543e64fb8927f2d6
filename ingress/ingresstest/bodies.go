package ingresstest

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
)

// bodies keeps what upstreams were asked.
type bodies struct {
	mu    sync.Mutex // protects what follows
	seen  []string
	heads []http.Header
}

func (b *bodies) of(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b.mu.Lock()
		b.seen, b.heads = append(b.seen, string(body)), append(b.heads, r.Header.Clone())
		b.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

func (b *bodies) all() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.seen)
}

func (b *bodies) allHeads() []http.Header {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.heads)
}
