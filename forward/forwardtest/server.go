package forwardtest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Server is a double of a model's server.
type Server struct {
	URL string

	mu    sync.Mutex // protects calls
	calls [][]byte
}

// NewServer answers call after call as the scripts say, the last one for all
// further calls. It ends with the test.
func NewServer(t testing.TB, p Protocol, scripts ...Script) *Server {
	t.Helper()
	s := &Server{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		scripts[min(s.note(body), len(scripts)-1)](Wire{Protocol: p, Writer: w, Request: r})
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func (s *Server) note(body []byte) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, body)
	return len(s.calls) - 1
}

// Calls are the bodies of the calls so far.
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]string, len(s.calls))
	for i, c := range s.calls {
		out[i] = strings.TrimSpace(string(c))
	}
	return out
}
