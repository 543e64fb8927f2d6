package weblistener_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/server/peers"
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

// serving is a listener with a config of the test's own.
func serving(t *testing.T, config weblistener.Config, handlers map[string]http.HandlerFunc) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config.DrainTimeout = 10 * time.Second
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- weblistener.New(handlers, config).Serve(ctx, listener) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

var greeting = map[string]http.HandlerFunc{"GET /": func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }}

// TestItSpeaksTLS with HTTP/1.1 and HTTP/2, and nothing else there.
func TestItSpeaksTLS(t *testing.T) {
	trusted := httptest.NewUnstartedServer(nil)
	trusted.StartTLS()
	t.Cleanup(trusted.Close)
	address := serving(t, weblistener.Config{Log: zerolog.Nop(), TLS: trusted.TLS}, greeting)
	trust := &tls.Config{RootCAs: trusted.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, MinVersion: tls.VersionTLS12} // a transport writes into its own
	for proto, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		protocols := new(http.Protocols)
		protocols.SetHTTP1(!http2)
		protocols.SetHTTP2(http2)
		client := &http.Client{Transport: &http.Transport{Protocols: protocols, TLSClientConfig: trust.Clone()}}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Errorf("%s: %v", proto, err)
			continue
		}
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		client.CloseIdleConnections()
		if string(body) != proto {
			t.Errorf("asked by %s it answers by %s", proto, body)
		}
	}
	if status, _ := get(t, "http://"+address+"/"); status == http.StatusOK {
		t.Error("it answers without TLS")
	}
}

// TestConnectionsAreBounded: beyond the bound they are closed, and the log says so.
func TestConnectionsAreBounded(t *testing.T) {
	log := &lines{}
	address := serving(t, weblistener.Config{Log: zerolog.Nop(), Guard: peers.New(peers.Config{Connections: 2, Log: zerolog.New(log)})}, greeting)
	var held []net.Conn
	open := func() bool {
		c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, c)
		t.Cleanup(func() { _ = c.Close() })
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			return false
		}
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		n, err := c.Read(make([]byte, 64))
		return err == nil && n > 0
	}
	for i, want := range []bool{true, true, false} {
		if got := open(); got != want {
			t.Errorf("connection %d is answered: %v", i+1, got)
		}
	}
	if !strings.Contains(log.String(), "too many connections") {
		t.Errorf("the log says %q", log)
	}
	_ = held[0].Close()
	for range 100 { // until the server has noticed
		if open() {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("nobody gets the place of one who has gone")
}

// TestTheLineOfARequestNamesItsCaller, once somebody has found out who that is.
func TestTheLineOfARequestNamesItsCaller(t *testing.T) {
	log := &lines{}
	address := serving(t, weblistener.Config{Log: zerolog.New(log)}, map[string]http.HandlerFunc{
		"GET /known": func(_ http.ResponseWriter, r *http.Request) {
			_ = auth.NewContext(r.Context(), &auth.Identity{ID: "1", Name: "billing service"})
		},
		"GET /unknown": func(http.ResponseWriter, *http.Request) {},
	})
	for path, want := range map[string]string{"/known": `"caller":"billing service"`, "/unknown": `"caller":""`} {
		if status, _ := get(t, "http://"+address+path); status != http.StatusOK {
			t.Fatal(status)
		}
		for range 100 { // the line comes after the answer
			if strings.Contains(log.String(), want) {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s: the log has no %s: %s", path, want, log)
		}
	}
}
