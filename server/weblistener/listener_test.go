package weblistener_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/server/weblistener"
)

// lines is a log that several goroutines write.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// start serves handlers; end asks for the end and waits for it.
func start(t *testing.T, handlers map[string]http.HandlerFunc) (url string, log *lines, end func() error) {
	t.Helper()
	log = &lines{}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	l := weblistener.New(handlers, weblistener.Config{Log: zerolog.New(log), DrainTimeout: 10 * time.Second})
	go func() { done <- l.Serve(ctx, listener) }()
	once := sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = once() })
	return "http://" + listener.Addr().String(), log, once
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestAPanicIsAFailureOfOneRequest(t *testing.T) {
	url, log, _ := start(t, map[string]http.HandlerFunc{
		"GET /panics": func(http.ResponseWriter, *http.Request) { panic("secret detail") },
		"GET /fine":   func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") },
	})
	if status, body := get(t, url+"/panics"); status != http.StatusInternalServerError || strings.Contains(body, "secret") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := get(t, url+"/fine"); status != http.StatusOK || body != "fine" {
		t.Errorf("%d %s", status, body)
	}
	if !strings.Contains(log.String(), "secret detail") {
		t.Errorf("the log does not say what happened: %s", log)
	}
}

// TestADrainWaitsForRequestsInFlight, and takes no new ones.
func TestADrainWaitsForRequestsInFlight(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	url, _, end := start(t, map[string]http.HandlerFunc{
		"GET /slow": func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-release
			_, _ = io.WriteString(w, "done")
		},
	})
	answered := make(chan string, 1)
	go func() {
		response, err := http.Get(url + "/slow")
		if err != nil {
			answered <- err.Error()
			return
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		answered <- string(body)
	}()
	<-entered
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	for { // until new connections are refused
		conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	select {
	case err := <-ended:
		t.Fatalf("it ended with a request in flight: %v", err)
	default:
	}
	close(release)
	if got := <-answered; got != "done" {
		t.Errorf("the request in flight got %q", got)
	}
	if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
