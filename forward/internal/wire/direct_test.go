package wire_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semroute/semroute/forward/internal/wire"
)

// directly is a Direct that counts its connections, with no Next.
func directly(t *testing.T) (*wire.Direct, *atomic.Int64) {
	t.Helper()
	var dialled atomic.Int64
	d := wire.NewTransport()
	d.Next = nobody{}
	dial := d.Dial
	d.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		dialled.Add(1)
		return dial(ctx, network, address)
	}
	t.Cleanup(d.CloseIdleConnections)
	return d, &dialled
}

// nobody fails every call: it must not be asked.
type nobody struct{}

var errNobody = errors.New("passed on")

func (nobody) RoundTrip(*http.Request) (*http.Response, error) { return nil, errNobody }

func post(t *testing.T, ctx context.Context, address, body string) *http.Request { //nolint:revive // the test comes first
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer key")
	return req
}

// answered makes a call and reads its answer to the end.
func answered(t *testing.T, d *wire.Direct, address, body string) string {
	t.Helper()
	res, err := d.RoundTrip(post(t, context.Background(), address, body))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(res.Body)
	if err = errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(res.StatusCode, " ", string(raw))
}

func TestDirectSendsWhatTheStandardTransportSends(t *testing.T) {
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Header.Del("Accept-Encoding") // the standard one undoes it by itself
		r.Header.Del("User-Agent")      // what semroute calls itself is set by the caller
		seen = append(seen, fmt.Sprint(r.Method, r.URL, r.Proto, r.Host, r.ContentLength, r.Header, string(body)))
		_, _ = io.WriteString(w, "hello")
	}))
	defer server.Close()
	d, _ := directly(t)
	standard := &http.Transport{}
	defer standard.CloseIdleConnections()
	for _, transport := range []http.RoundTripper{d, standard} {
		res, err := transport.RoundTrip(post(t, context.Background(), server.URL+"/a%20b?c=d", "body é"))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	if diff := cmp.Diff(seen[1], seen[0]); diff != "" {
		t.Errorf("(-standard +direct):\n%s", diff)
	}
}

func TestDirectUsesAConnectionAgain(t *testing.T) {
	cases := map[string]struct {
		handler http.HandlerFunc
		dials   int64
	}{
		"length":  {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, 1},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, 1},
		"chunks":  {func(w http.ResponseWriter, _ *http.Request) { flushed(w, "he"); flushed(w, "llo") }, 1},
		"trailer": {func(w http.ResponseWriter, _ *http.Request) {
			flushed(w, "x")
			w.Header().Set(http.TrailerPrefix+"A", "b")
		}, 1},
		"last":    {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close"); flushed(w, "x") }, 3},
		"early":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusEarlyHints); flushed(w, "x") }, 1},
		"refusal": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) }, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			d, dialled := directly(t)
			first := answered(t, d, server.URL, "a")
			for range 2 {
				if again := answered(t, d, server.URL, "b"); again != first {
					t.Errorf("answers %q, then %q", first, again)
				}
			}
			if dialled.Load() != c.dials {
				t.Errorf("%d connections, want %d", dialled.Load(), c.dials)
			}
		})
	}
}

func flushed(w http.ResponseWriter, text string) {
	_, _ = io.WriteString(w, text)
	_ = http.NewResponseController(w).Flush()
}

// TestDirectNoticesAClosedConnection: one that the server closed while it was
// idle is not used, so that no call fails by it and none is sent twice.
func TestDirectNoticesAClosedConnection(t *testing.T) {
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		_, _ = io.WriteString(w, "hello")
	}))
	defer server.Close()
	d, dialled := directly(t)
	for range 3 {
		answered(t, d, server.URL, "a")
		server.CloseClientConnections()
		time.Sleep(10 * time.Millisecond) // until the end has come over the connection
	}
	if calls.Load() != 3 || dialled.Load() != 3 {
		t.Errorf("%d calls over %d connections, want 3 over 3", calls.Load(), dialled.Load())
	}
}

// TestDirectGivesUpAnUnreadAnswer: what was not read would be the beginning of
// the next answer.
func TestDirectGivesUpAnUnreadAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		flushed(w, "one\n")
		flushed(w, strings.Repeat("two", 10_000))
	}))
	defer server.Close()
	d, dialled := directly(t)
	for range 2 {
		res, err := d.RoundTrip(post(t, context.Background(), server.URL, "a"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(res.Body, make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if _, err := res.Body.Read(make([]byte, 1)); err == nil {
			t.Error("it reads on after the end")
		}
	}
	if dialled.Load() != 2 {
		t.Errorf("%d connections, want 2", dialled.Load())
	}
}

func TestDirectEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/piece" {
			flushed(w, "x")
		}
		<-release
	}))
	defer server.Close()
	defer close(release)
	d, _ := directly(t)
	for _, path := range []string{"/head", "/piece"} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
		start := time.Now()
		res, err := d.RoundTrip(post(t, ctx, server.URL+path, "a"))
		if err == nil {
			_, err = io.ReadAll(res.Body)
			_ = res.Body.Close()
		}
		if err == nil || time.Since(start) > 5*time.Second {
			t.Errorf("%s: after %s: %v", path, time.Since(start), err)
		}
		cancel()
	}
}

// TestDirectPassesOn what is not for plain connections.
func TestDirectPassesOn(t *testing.T) {
	d, dialled := directly(t)
	proxied, _ := directly(t)
	proxied.Proxy = func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy") }
	long := post(t, context.Background(), "http://127.0.0.1:1", strings.Repeat("x", 1<<20))
	unknown := post(t, context.Background(), "http://127.0.0.1:1", "x")
	unknown.ContentLength = -1
	for name, err := range map[string]error{
		"encrypted":      failure(d.RoundTrip(post(t, context.Background(), "https://127.0.0.1:1", "x"))),
		"proxy":          failure(proxied.RoundTrip(post(t, context.Background(), "http://127.0.0.1:1", "x"))),
		"large":          failure(d.RoundTrip(long)),
		"unknown length": failure(d.RoundTrip(unknown)),
	} {
		if !errors.Is(err, errNobody) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if dialled.Load() != 0 {
		t.Error("a connection was made")
	}
}

func failure(res *http.Response, err error) error {
	if err == nil {
		_ = res.Body.Close()
	}
	return err
}

// TestDirectBoundsTheHead: a server cannot fill the memory with headers, or
// keep a call busy with informational answers.
func TestDirectBoundsTheHead(t *testing.T) {
	for name, answer := range map[string]string{
		"long":      "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", 2<<20),
		"early":     strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100),
		"garbage":   "SSH-2.0\r\n\r\n",
		"cut short": "HTTP/1.1 200 OK\r\nContent-",
		"nothing":   "",
	} {
		t.Run(name, func(t *testing.T) {
			address := scripted(t, answer)
			d, _ := directly(t)
			if err := failure(d.RoundTrip(post(t, context.Background(), address, "a"))); err == nil || errors.Is(err, errNobody) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// scripted reads one request and answers with the text.
func scripted(t *testing.T, answer string) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = conn.Close() }()
		var seen []byte
		for buf := make([]byte, 4096); !bytes.Contains(seen, []byte("\r\n\r\na")); {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			seen = append(seen, buf[:n]...)
		}
		_, _ = io.WriteString(conn, answer)
	}()
	return "http://" + listener.Addr().String()
}
