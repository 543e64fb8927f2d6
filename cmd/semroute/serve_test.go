package main

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	semroutev1 "github.com/semroute/semroute/proto/semroute/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
)

// served is a `semroute serve` that runs in this process.
type served struct {
	address string
	conn    *grpc.ClientConn
	stop    context.CancelFunc
	code    chan int
	log     *writer
}

var listening = regexp.MustCompile(`"address":"([^"]+)","forwards"`)

// serveInProcess runs `serve` on a free port until the test ends, and waits until
// it serves.
func serveInProcess(t *testing.T, args ...string) *served {
	t.Helper()
	s := startServing(t, args...)
	waitFor(t, func() bool { return s.health() == healthv1.HealthCheckResponse_SERVING }, s.log)
	return s
}

// health is what the server says of itself; UNKNOWN while it does not answer.
func (s *served) health() healthv1.HealthCheckResponse_ServingStatus {
	resp, err := healthv1.NewHealthClient(s.conn).Check(context.Background(), &healthv1.HealthCheckRequest{})
	if err != nil {
		return healthv1.HealthCheckResponse_UNKNOWN
	}
	return resp.GetStatus()
}

// startServing is serveInProcess as far as listening.
func startServing(t *testing.T, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	s := &served{stop: stop, code: make(chan int, 1), log: &writer{}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.code <- run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--cache-dir", "off"}, args...), stdio{in: strings.NewReader(""), out: s.log, err: s.log})
	}()
	t.Cleanup(func() { // until it has closed its files, their folder cannot be removed
		stop()
		<-ended
	})
	waitFor(t, func() bool { return listening.MatchString(s.log.String()) }, s.log)
	s.address = listening.FindStringSubmatch(s.log.String())[1]
	conn, err := grpc.NewClient(s.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	s.conn = conn
	return s
}

// waitFor polls: the process tells only by its log and its health.
func waitFor(t *testing.T, done func() bool, log *writer) {
	t.Helper()
	for range 12000 { // two minutes: a real Ollama embeds some thousand prompts first
		if done() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("gave up waiting; the log so far:\n%s", log)
}

func TestServe(t *testing.T) {
	s := serveInProcess(t, "--catalog", "../../examples/support")

	t.Run("route --server gets the decision", func(t *testing.T) {
		code, out, errs := runCommand(t.Context(), t, "", "route", "--server", s.address, "--json", "i was billed twice this month")
		if code != 0 || !strings.Contains(out, `"route":"billing"`) {
			t.Errorf("exit code %d, output %s, errors %s", code, out, errs)
		}
	})
	t.Run("the server and the command line decide alike", func(t *testing.T) {
		_, local, _ := runCommand(t.Context(), t, "", "route", "--catalog", "../../examples/support", "my invoice is wrong")
		_, remote, _ := runCommand(t.Context(), t, "", "route", "--server", s.address, "my invoice is wrong")
		if local != remote || local == "" {
			t.Errorf("in process %q, by the server %q", local, remote)
		}
	})
	t.Run("a batch keeps its order", func(t *testing.T) {
		var prompts []*semroutev1.Prompt
		for _, text := range []string{"i was billed twice this month", "", "where is my refund"} {
			prompts = append(prompts, &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: text}})
		}
		resp, err := semroutev1.NewRouterServiceClient(s.conn).RouteBatch(t.Context(), &semroutev1.RouteBatchRequest{Prompts: prompts})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range resp.GetDecisions() {
			got = append(got, d.GetRoute())
		}
		if strings.Join(got, ",") != "billing,,refunds" {
			t.Errorf("routes %q", got)
		}
	})
	t.Run("health command", func(t *testing.T) {
		if code, out, errs := runCommand(t.Context(), t, "", "health", "--server", s.address); code != 0 || strings.TrimSpace(out) != "SERVING" {
			t.Errorf("exit code %d, output %q, errors %q", code, out, errs)
		}
	})
	t.Run("reflection lists the service", func(t *testing.T) {
		stream, err := reflectionv1.NewServerReflectionClient(s.conn).ServerReflectionInfo(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Send(&reflectionv1.ServerReflectionRequest{MessageRequest: &reflectionv1.ServerReflectionRequest_ListServices{}}); err != nil {
			t.Fatal(err)
		}
		resp, err := stream.Recv()
		if err != nil || !strings.Contains(resp.String(), "semroute.v1.RouterService") {
			t.Errorf("got %v, %v", resp, err)
		}
	})
	t.Run("SIGTERM is exit code 0", func(t *testing.T) {
		s.stop()
		if code := <-s.code; code != 0 {
			t.Errorf("exit code %d; log:\n%s", code, s.log)
		}
	})
	if strings.Contains(s.log.String(), "billed twice") {
		t.Error("a prompt's text stands in the log")
	}
}

func TestTheEmbeddingCacheOutlivesTheServer(t *testing.T) {
	file := filepath.Join(t.TempDir(), "prompts.cache")
	for start, wantCached := range []bool{false, true} {
		s := serveInProcess(t, "--catalog", "../../examples/support", "--embed-cache-file", file)
		resp, err := semroutev1.NewRouterServiceClient(s.conn).Route(t.Context(), &semroutev1.RouteRequest{
			Prompt: &semroutev1.Prompt{Input: &semroutev1.Prompt_Text{Text: "i was billed twice this month"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := resp.GetDecision().GetCached(); got != wantCached {
			t.Errorf("start %d: cached is %v, want %v; log:\n%s", start, got, wantCached, s.log)
		}
		s.stop()
		if code := <-s.code; code != 0 {
			t.Fatalf("exit code %d; log:\n%s", code, s.log)
		}
		if _, err := os.Stat(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, []byte("something else that is no cache at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := serveInProcess(t, "--catalog", "../../examples/support", "--embed-cache-file", file)
	if !strings.Contains(s.log.String(), "the embedding cache starts empty") {
		t.Errorf("the log does not tell of the damaged file:\n%s", s.log)
	}
}

func TestServeRefusesToStart(t *testing.T) {
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"without a catalog", nil, 2, "--catalog"},
		{"on a bad address", []string{"--catalog", "../../examples/support", "--listen", "nowhere:x"}, 1, "--listen nowhere:x"},
		{"on a log level that is none", []string{"--catalog", "../../examples/support", "--log-level", "loud"}, 2, "--log-level"},
		{"with a cache file and no cache", []string{"--catalog", "../../examples/support", "--embed-cache-file", "x", "--embed-cache-bytes", "0"}, 2, "--embed-cache-bytes"},
		{"with a drain time of nothing", []string{"--catalog", "../../examples/support", "--drain-timeout", "0s"}, 2, "--drain-timeout"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, _, errs := runCommand(t.Context(), t, "", append([]string{"serve"}, tt.args...)...)
			if code != tt.code || !strings.Contains(errs, tt.want) {
				t.Errorf("exit code %d, errors %q; want %d and %q", code, errs, tt.code, tt.want)
			}
		})
	}
}

// An Ollama that is not there at start may come: the server waits for it, out of
// rotation, or serves by static vectors where that is wanted, and says so.
func TestServeWaitsForAnOllamaThatIsNotThere(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want healthv1.HealthCheckResponse_ServingStatus
	}{
		"out of rotation":   {nil, healthv1.HealthCheckResponse_NOT_SERVING},
		"by static vectors": {[]string{"--degrade-to-static"}, healthv1.HealthCheckResponse_SERVING},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"--catalog", "../../examples/support", "--embedder", "ollama", "--ollama-host", "http://127.0.0.1:1"}, tt.args...)
			s := startServing(t, args...)
			waitFor(t, func() bool { return strings.Contains(s.log.String(), "trying again") }, s.log)
			if health := s.health(); health != tt.want {
				t.Errorf("health is %s, want %s", health, tt.want)
			}
			if tt.args != nil {
				_, out, errs := runCommand(t.Context(), t, "", "route", "--server", s.address, "--json", "i was billed twice this month")
				if !strings.Contains(out, "static vectors decided") {
					t.Errorf("the decision does not say what it had to do without: %s%s", out, errs)
				}
			}
			s.stop()
			if code := <-s.code; code != 0 {
				t.Errorf("exit code %d; log:\n%s", code, s.log)
			}
		})
	}
}
