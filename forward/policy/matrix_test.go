package policy_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/anthropic"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/ollama"
	"github.com/semroute/semroute/forward/openai"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
)

func TestMain(m *testing.M) {
	if provider := os.Getenv(doubleVariable); provider != "" {
		serveDouble(provider)
		return
	}
	goleak.VerifyTestMain(m)
}

// connect makes the real adapter for a double.
func connect(t testing.TB, m routes.Model) forward.Provider {
	t.Helper()
	var p forward.Provider
	var err error
	switch m.Provider {
	case routes.Ollama:
		p, err = ollama.New(m, ollama.Config{})
	case routes.OpenAI:
		p, err = openai.New(m, openai.Config{})
	case routes.Anthropic:
		p, err = anthropic.New(m, anthropic.Config{})
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// quick are limits under which retries are soon.
func quick() forward.Config {
	return forward.Config{
		FirstPieceTimeout: 20 * time.Second, IdleTimeout: 20 * time.Second,
		AttemptTimeout: 30 * time.Second, TotalTimeout: time.Minute,
		Backoff: time.Millisecond, MaxBackoff: 2 * time.Millisecond,
	}
}

// hasty are limits under which silence shows soon.
func hasty(c *forward.Config) {
	c.FirstPieceTimeout, c.IdleTimeout = 400*time.Millisecond, 400*time.Millisecond
}

type scene struct {
	name    string
	scripts []forwardtest.Script
	config  func(*forward.Config)
	// text is what reaches the caller, also when the call fails.
	text     string
	err      error         // nil for an answer
	class    forward.Class // of the upstream error
	statuses []forward.Status
	usage    forward.Usage
}

const megabyte = 1 << 20

func matrix() []scene {
	ok := forwardtest.Answer(7, 2, "good ", "answer")
	counted := forward.Usage{InputTokens: 7, OutputTokens: 2}
	refuse := func(status int, headers ...string) forwardtest.Script {
		return func(w forwardtest.Wire) { w.Refuse(status, "no", headers...) }
	}
	begun := func(then func(forwardtest.Wire)) forwardtest.Script {
		return func(w forwardtest.Wire) {
			w.Send(w.Start(7), w.Piece("half "), w.Piece("an"))
			then(w)
		}
	}
	raw := func(kind, body string) forwardtest.Script {
		return func(w forwardtest.Wire) {
			w.ContentType = kind
			w.Send(body)
		}
	}
	big := strings.Repeat("x", megabyte)
	return []scene{
		{name: "answer", scripts: []forwardtest.Script{ok}, text: "good answer", statuses: []forward.Status{"done"}, usage: counted},
		{
			name:    "429 with a short Retry-After is waited for",
			scripts: []forwardtest.Script{refuse(429, "Retry-After", "0.02"), ok},
			text:    "good answer", statuses: []forward.Status{"rate_limited", "done"}, usage: counted,
		},
		{
			name:    "429 with a long Retry-After is not",
			scripts: []forwardtest.Script{refuse(429, "Retry-After", "3600"), ok},
			err:     forward.ErrUnavailable, class: forward.RateLimited, statuses: []forward.Status{"rate_limited"},
		},
		{
			name:    "500 is retried",
			scripts: []forwardtest.Script{refuse(500), ok},
			text:    "good answer", statuses: []forward.Status{"server_error", "done"}, usage: counted,
		},
		{
			name:    "500 every time",
			scripts: []forwardtest.Script{refuse(500)},
			err:     forward.ErrUnavailable, class: forward.ServerError, statuses: []forward.Status{"server_error", "server_error"},
		},
		{
			name:    "400 is the request's fault",
			scripts: []forwardtest.Script{refuse(400), ok},
			err:     forward.ErrUpstream, class: forward.BadRequest, statuses: []forward.Status{"bad_request"},
		},
		{
			name:    "401 is not retried",
			scripts: []forwardtest.Script{refuse(401), ok},
			err:     forward.ErrUnavailable, class: forward.Auth, statuses: []forward.Status{"auth"},
		},
		{
			name:    "a redirect is not followed",
			scripts: []forwardtest.Script{refuse(307, "Location", "http://127.0.0.1:1/")},
			err:     forward.ErrUnavailable, class: forward.Garbage, statuses: []forward.Status{"garbage", "garbage"},
		},
		{
			name:    "reset before the first piece is retried",
			scripts: []forwardtest.Script{func(w forwardtest.Wire) { w.Send(w.Start(7)); w.Reset() }, ok},
			text:    "good answer", statuses: []forward.Status{"reset", "done"}, usage: counted,
		},
		{
			name:    "reset in mid-stream ends the answer",
			scripts: []forwardtest.Script{begun(forwardtest.Wire.Reset), ok},
			text:    "half an", err: forward.ErrInterrupted, class: forward.Reset, statuses: []forward.Status{"reset"},
			usage: forward.Usage{InputTokens: 6, OutputTokens: 2, Estimated: true},
		},
		{
			name:    "an end before the answer is complete",
			scripts: []forwardtest.Script{begun(func(forwardtest.Wire) {}), ok},
			text:    "half an", err: forward.ErrInterrupted, class: forward.Reset, statuses: []forward.Status{"reset"},
			usage: forward.Usage{InputTokens: 6, OutputTokens: 2, Estimated: true},
		},
		{
			name:    "an error in mid-stream",
			scripts: []forwardtest.Script{begun(func(w forwardtest.Wire) { w.Send(w.Failure("out of memory")) }), ok},
			text:    "half an", err: forward.ErrInterrupted, class: forward.ServerError, statuses: []forward.Status{"server_error"},
			usage: forward.Usage{InputTokens: 6, OutputTokens: 2, Estimated: true},
		},
		{
			name:    "silence is retried",
			scripts: []forwardtest.Script{forwardtest.Wire.Hang, ok}, config: hasty,
			text: "good answer", statuses: []forward.Status{"timeout", "done"}, usage: counted,
		},
		{
			name:    "silence in mid-stream ends the answer",
			scripts: []forwardtest.Script{begun(forwardtest.Wire.Hang), ok}, config: hasty,
			text: "half an", err: forward.ErrInterrupted, class: forward.Timeout, statuses: []forward.Status{"timeout"},
			usage: forward.Usage{InputTokens: 6, OutputTokens: 2, Estimated: true},
		},
		{
			name: "a slow drip that never makes a piece",
			scripts: []forwardtest.Script{begun(func(w forwardtest.Wire) {
				for _, b := range []byte(w.Piece("drop")) {
					w.Send(string(b))
					w.Pause(20 * time.Millisecond)
				}
			})},
			config: hasty,
			text:   "half an", err: forward.ErrInterrupted, class: forward.Timeout, statuses: []forward.Status{"timeout"},
			usage: forward.Usage{InputTokens: 6, OutputTokens: 2, Estimated: true},
		},
		{
			name: "a slow answer whose pieces keep coming",
			scripts: []forwardtest.Script{func(w forwardtest.Wire) {
				w.Send(w.Start(7))
				for range 12 {
					w.Pause(50 * time.Millisecond)
					w.Send(w.Piece("drop "))
				}
				w.Send(w.End(7, 4))
			}},
			config: hasty,
			text:   strings.Repeat("drop ", 12), statuses: []forward.Status{"done"}, usage: forward.Usage{InputTokens: 7, OutputTokens: 4},
		},
		{
			name:    "garbage is retried",
			scripts: []forwardtest.Script{func(w forwardtest.Wire) { w.Send("<<<\x00\xff not a protocol\n\n") }, ok},
			text:    "good answer", statuses: []forward.Status{"garbage", "done"}, usage: counted,
		},
		{
			name:    "wrong content type",
			scripts: []forwardtest.Script{raw("text/html", "<html>sign in</html>")},
			err:     forward.ErrUnavailable, class: forward.Garbage, statuses: []forward.Status{"garbage", "garbage"},
		},
		{
			name: "an answer of 10 MB",
			scripts: []forwardtest.Script{func(w forwardtest.Wire) {
				w.Send(w.Start(7))
				for range 10 {
					w.Send(w.Piece(big))
				}
				w.Send(w.End(7, 10))
			}},
			text: strings.Repeat(big, 10), statuses: []forward.Status{"done"}, usage: forward.Usage{InputTokens: 7, OutputTokens: 10},
		},
		{
			name: "an answer that is larger than allowed",
			scripts: []forwardtest.Script{func(w forwardtest.Wire) {
				w.Send(w.Start(7))
				for range 11 {
					w.Send(w.Piece(big))
				}
				w.Send(w.End(7, 11))
			}},
			text: strings.Repeat(big, 10), err: forward.ErrInterrupted, class: forward.TooLarge,
			statuses: []forward.Status{"too_large"},
			usage:    forward.Usage{InputTokens: 6, OutputTokens: 10, Estimated: true},
		},
		{
			name: "usage sent twice is counted once",
			scripts: []forwardtest.Script{func(w forwardtest.Wire) {
				w.Send(w.Start(7), w.Piece("good "), w.Usage(7, 1), w.Piece("answer"), w.Usage(7, 2), w.End(7, 2))
			}},
			text: "good answer", statuses: []forward.Status{"done"}, usage: counted,
		},
		{
			name: "usage left out is estimated",
			scripts: []forwardtest.Script{func(w forwardtest.Wire) {
				w.Send(w.Start(0), w.Piece("good "), w.Piece("answer"), w.End(0, 0))
			}},
			text: "good answer", statuses: []forward.Status{"done"}, usage: forward.Usage{InputTokens: 6, OutputTokens: 2, Estimated: true},
		},
	}
}

// TestFailureMatrix holds what the caller sees when the upstream misbehaves,
// for every provider.
func TestFailureMatrix(t *testing.T) {
	for _, protocol := range forwardtest.Protocols() {
		for _, s := range matrix() {
			t.Run(string(protocol.Provider)+"/"+s.name, func(t *testing.T) { s.run(t, protocol) })
		}
	}
}

func (s scene) run(t *testing.T, protocol forwardtest.Protocol) {
	server := forwardtest.NewServer(t, protocol, s.scripts...)
	m := routes.Model{Name: "small", Provider: protocol.Provider, Model: "m", BaseURL: server.URL}
	config := quick()
	if s.config != nil {
		s.config(&config)
	}
	f, err := policy.New(policy.Deps{
		Catalog:   &routes.Catalog{Models: []routes.Model{m}, Routes: []routes.Route{{Name: "r", Models: []string{"small"}}}},
		Providers: map[string]forward.Provider{"small": connect(t, m)},
		Tokens:    forwardtest.Words{},
	}, config)
	if err != nil {
		t.Fatal(err)
	}
	var got forward.Collector
	record, err := f.Forward(context.Background(), forward.Call{
		Decision: forward.Decision{Route: "r"}, Request: forward.Ask("two words"),
	}, got.Add)

	if !errors.Is(err, s.err) || (s.err == nil) != (err == nil) {
		t.Fatalf("error is %v, want %v", err, s.err)
	}
	var upstream *forward.UpstreamError
	if errors.As(err, &upstream) && upstream.Model != "small" {
		t.Errorf("the error names model %q", upstream.Model)
	}
	if upstream == nil {
		upstream = &forward.UpstreamError{}
	}
	if upstream.Class != s.class {
		t.Errorf("class is %q, want %q (%v)", upstream.Class, s.class, err)
	}
	if text := got.Answer().Text; text != s.text {
		t.Errorf("%d bytes reached the caller, want %d: %.80q", len(text), len(s.text), text)
	}
	var statuses []forward.Status
	for _, a := range record.Attempts {
		statuses = append(statuses, a.Status)
	}
	if diff := cmp.Diff(s.statuses, statuses); diff != "" {
		t.Errorf("attempts (-want +got):\n%s\n%+v", diff, record.Attempts)
	}
	if want, got := s.usage, record.Usage; protocol.Provider != routes.Anthropic || !want.Estimated {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("usage (-want +got):\n%s", diff)
		}
	}
	if len(server.Calls()) != len(s.statuses) {
		t.Errorf("the server saw %d calls, want %d", len(server.Calls()), len(s.statuses))
	}
}

func TestUnreachableServer(t *testing.T) {
	for _, protocol := range forwardtest.Protocols() {
		m := routes.Model{Name: "small", Provider: protocol.Provider, Model: "m", BaseURL: "http://127.0.0.1:1"}
		_, err := connect(t, m).Stream(context.Background(), forward.Ask("hello"), func(forward.Piece) error { return nil })
		var upstream *forward.UpstreamError
		if !errors.As(err, &upstream) || upstream.Class != forward.Unreachable || !upstream.Retryable() {
			t.Errorf("%s: %v", protocol.Provider, err)
		}
	}
}

// TestForeignKeysStayAtHome: keys that the environment holds for other servers
// are not sent to one for which the catalog names none.
func TestForeignKeysStayAtHome(t *testing.T) {
	for _, name := range []string{"OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"} {
		t.Setenv(name, "foreign-key")
	}
	t.Setenv("OPENAI_ORG_ID", "foreign-key")
	t.Setenv("OPENAI_BASE_URL", "http://127.0.0.1:1")
	t.Setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:1")
	for _, protocol := range forwardtest.Protocols() {
		var sent http.Header
		server := forwardtest.NewServer(t, protocol, func(w forwardtest.Wire) {
			sent = w.Request.Header.Clone()
			forwardtest.Answer(1, 1, "hi")(w)
		})
		m := routes.Model{Name: "small", Provider: protocol.Provider, Model: "m", BaseURL: server.URL}
		if _, err := connect(t, m).Stream(context.Background(), forward.Ask("hello"), func(forward.Piece) error { return nil }); err != nil {
			t.Errorf("%s: %v", protocol.Provider, err)
		}
		for name, values := range sent {
			if strings.Contains(strings.Join(values, " "), "foreign-key") {
				t.Errorf("%s: %s was sent", protocol.Provider, name)
			}
		}
	}
}

func TestMissingSecret(t *testing.T) {
	m := routes.Model{Name: "small", Provider: routes.OpenAI, Model: "m", APIKeyEnv: "NO_SUCH_KEY_IS_SET"}
	_, err := openai.New(m, openai.Config{})
	if !errors.Is(err, forward.ErrSecret) || !strings.Contains(err.Error(), "NO_SUCH_KEY_IS_SET") {
		t.Errorf("got %v", err)
	}
}
