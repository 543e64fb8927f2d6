package policy_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/routes"
)

// doubleVariable makes this test binary a double of a model's server instead:
// its value is the protocol. A process of its own keeps the double's memory and
// garbage out of what is measured.
const doubleVariable = "FORWARD_TEST_DOUBLE"

// serveDouble answers with some pieces, some time apart, numbered from 0. It
// ends when its standard input does.
func serveDouble(provider string) {
	var protocol forwardtest.Protocol
	for _, p := range forwardtest.Protocols() {
		if string(p.Provider) == provider {
			protocol = p
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var pieces int
		var every time.Duration
		_, _ = fmt.Sscan(os.Getenv("FORWARD_TEST_PIECES"), &pieces)
		every, _ = time.ParseDuration(os.Getenv("FORWARD_TEST_EVERY"))
		out := forwardtest.Wire{Protocol: protocol, Writer: w, Request: r}
		out.Send(out.Start(10))
		for i := range pieces {
			if every > 0 && i > 0 {
				out.Pause(every)
			}
			out.Send(out.Piece(strconv.Itoa(i) + " "))
		}
		out.Send(out.End(10, pieces))
	}))
	defer server.Close()
	fmt.Println(server.URL)
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
	}
}

// startDouble runs the double in a process of its own and gives its address.
func startDouble(b *testing.B, provider routes.Provider, pieces int, every time.Duration) string {
	b.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), doubleVariable+"="+string(provider),
		fmt.Sprint("FORWARD_TEST_PIECES=", pieces), fmt.Sprint("FORWARD_TEST_EVERY=", every))
	in, err1 := child.StdinPipe()
	out, err2 := child.StdoutPipe()
	if err := child.Start(); err != nil || err1 != nil || err2 != nil {
		b.Fatal(err, err1, err2)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = child.Wait()
	})
	lines := bufio.NewScanner(out)
	lines.Scan()
	return lines.Text()
}

// direct calls the double without anything in between and gives the time to
// the first piece.
func direct(client *http.Client, address, path string) (time.Duration, error) {
	began := time.Now()
	body := []byte(`{"model":"m","messages":[{"role":"user","content":"two words"}],"stream":true}`)
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, address+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	var first time.Duration
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if first == 0 && strings.Contains(lines.Text(), `"0 "`) {
			first = time.Since(began)
		}
	}
	return first, nil
}

// concurrently runs each n times over some callers, which begin one after
// another within spread, and gives all times, sorted.
func concurrently(b *testing.B, callers, n int, spread time.Duration, each func() (time.Duration, error)) []time.Duration {
	b.Helper()
	var mu sync.Mutex
	var times []time.Duration
	var group sync.WaitGroup
	for i := range callers {
		group.Go(func() {
			time.Sleep(spread * time.Duration(i) / time.Duration(callers))
			for range n {
				took, err := each()
				if err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				times = append(times, took)
				mu.Unlock()
			}
		})
	}
	group.Wait()
	slices.Sort(times)
	return times
}

func quantile(sorted []time.Duration, q float64) time.Duration {
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// single is a forwarder over one model at the address.
func single(b *testing.B, provider routes.Provider, address string) *policy.Forwarder {
	m := routes.Model{Name: "m", Provider: provider, Model: "m", BaseURL: address}
	return deploy().withModel(m, connect(b, m)).forwarder(b)
}

// BenchmarkFirstPiece measures, at 200 streams at once, what forwarding adds to
// the time to the first piece of a direct call of the same server.
func BenchmarkFirstPiece(b *testing.B) {
	const callers, each, rounds = 200, 5, 3
	const pieces, every = 10, 50 * time.Millisecond
	const length = pieces * every
	for provider, path := range map[routes.Provider]string{
		routes.Ollama: "/api/chat", routes.OpenAI: "/chat/completions", routes.Anthropic: "/v1/messages",
	} {
		b.Run(string(provider), func(b *testing.B) {
			address := startDouble(b, provider, pieces, every)
			f := single(b, provider, address)
			transport := &http.Transport{MaxIdleConnsPerHost: callers}
			defer transport.CloseIdleConnections()
			client := &http.Client{Transport: transport}
			viaForwarder := func() (time.Duration, error) {
				record, err := f.Forward(context.Background(), ask("two words"), discard)
				return record.FirstPiece, err
			}
			straight := func() (time.Duration, error) { return direct(client, address, path) }
			for b.Loop() {
				var through, past []time.Duration
				for range rounds { // taking turns, so that both see the same noise
					past = append(past, concurrently(b, callers, each, length, straight)...)
					through = append(through, concurrently(b, callers, each, length, viaForwarder)...)
				}
				slices.Sort(past)
				slices.Sort(through)
				for name, q := range map[string]float64{"p50": 0.5, "p99": 0.99} {
					b.ReportMetric(float64(quantile(past, q).Microseconds()), "direct-"+name+"-µs")
					b.ReportMetric(float64(quantile(through, q).Microseconds()), "forward-"+name+"-µs")
				}
			}
		})
	}
}

// BenchmarkStreams holds 2,000 streams of 50 pieces a second open at once: no
// piece may be lost or change places.
func BenchmarkStreams(b *testing.B) {
	const streams, pieces, every = 2000, 200, 20 * time.Millisecond
	for _, provider := range []routes.Provider{routes.Ollama, routes.OpenAI, routes.Anthropic} {
		b.Run(string(provider), func(b *testing.B) {
			f := single(b, provider, startDouble(b, provider, pieces, every))
			for b.Loop() {
				before, peak := memory(), uint64(0)
				var open atomic.Int64
				took := concurrently(b, streams, 1, 0, func() (time.Duration, error) {
					next := 0
					record, err := f.Forward(context.Background(), ask("two words"), func(p forward.Piece) error {
						if p.Text != strconv.Itoa(next)+" " {
							return fmt.Errorf("piece %d is %q", next, p.Text)
						}
						if next++; next == 50 && open.Add(1) == streams {
							peak = memory()
						}
						return nil
					})
					if err == nil && next != pieces {
						err = fmt.Errorf("%d of %d pieces came", next, pieces)
					}
					return record.Latency, err
				})
				b.ReportMetric(float64(peak-before)/streams/1024, "KB/stream")
				b.ReportMetric(quantile(took, 0.5).Seconds()/(pieces*every).Seconds(), "×real-time")
			}
		})
	}
}

// memory is what the process holds, garbage left out.
func memory() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// BenchmarkOneOfTwoDead compares calls while one model of two is dead with
// calls while both are well, once the circuit is open.
func BenchmarkOneOfTwoDead(b *testing.B) {
	const callers, each = 50, 20
	address := startDouble(b, routes.OpenAI, 10, time.Millisecond)
	live := routes.Model{Name: "live", Provider: routes.OpenAI, Model: "m", BaseURL: address}
	gone := routes.Model{Name: "gone", Provider: routes.OpenAI, Model: "m", BaseURL: "http://127.0.0.1:1"}
	healthy := deploy().withModel(live, connect(b, live)).forwarder(b)
	broken := deploy().withModel(gone, connect(b, gone)).withModel(live, connect(b, live)).forwarder(b)
	call := func(f *policy.Forwarder) func() (time.Duration, error) {
		return func() (time.Duration, error) {
			record, err := f.Forward(context.Background(), ask("two words"), discard)
			return record.Latency, err
		}
	}
	concurrently(b, callers, 1, 0, call(broken)) // opens the circuit
	for b.Loop() {
		well, ill := concurrently(b, callers, each, 0, call(healthy)), concurrently(b, callers, each, 0, call(broken))
		b.ReportMetric(float64(quantile(ill, 0.99))/float64(quantile(well, 0.99)), "×healthy-p99")
	}
}
