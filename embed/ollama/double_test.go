package ollama

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// double behaves like an Ollama server with one model, all-minilm: one token
// a word, a context of 16 tokens. Fields may be changed between calls.
type double struct {
	*httptest.Server
	mux        *http.ServeMux
	mu         sync.Mutex
	digest     string
	parameters string
	context    int            // in tokens
	requests   []embedRequest // what /api/embed was asked
	lists      int            // how often /api/tags was asked
	underWay   int
	mostAtOnce int
	pause      time.Duration // how long /api/embed takes
	listPause  time.Duration // how long /api/tags takes
	// perText is how long each text of a request takes. Texts with the word
	// hang never end, those with kill end the runner under all requests; it is
	// back after restart. Those with refused get a 500 while others do not.
	perText, restart time.Duration
	killed           int           // how often the runner was ended
	back             time.Time     // when the runner is up again
	runner           chan struct{} // closed when the runner ends
	// stubborn makes texts of more than that many words fail with 500 even
	// when the server is to cut them; 0: never.
	stubborn int
	answer   func(w http.ResponseWriter, inputs []string) bool // true: it has answered
}

type embedRequest struct {
	Model     string   `json:"model"`
	Input     []string `json:"input"`
	Truncate  bool     `json:"truncate"`
	KeepAlive string   `json:"keep_alive"`
}

const doubleContext = 16

func newDouble(t *testing.T) *double {
	t.Helper()
	d := newMemoryDouble()
	d.Server = httptest.NewServer(d.mux)
	t.Cleanup(d.Close)
	return d
}

// newMemoryDouble is a double without a network, for time in a bubble of
// synctest: it is its own transport.
func newMemoryDouble() *double {
	d := &double{digest: "aaaaaaaaaaaaaaaa", context: doubleContext, mux: http.NewServeMux(), runner: make(chan struct{})}
	d.mux.HandleFunc("GET /api/tags", d.tags)
	d.mux.HandleFunc("POST /api/show", d.show)
	d.mux.HandleFunc("POST /api/embed", d.embed)
	return d
}

// RoundTrip implements http.RoundTripper.
func (d *double) RoundTrip(r *http.Request) (*http.Response, error) {
	answered := make(chan *http.Response, 1)
	go func() {
		w := httptest.NewRecorder()
		d.mux.ServeHTTP(w, r)
		answered <- w.Result()
	}()
	select {
	case answer := <-answered:
		return answer, nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// wait passes time in a handler; false: the client has left.
func wait(r *http.Request, pause time.Duration) bool {
	select {
	case <-time.After(pause):
		return true
	case <-r.Context().Done():
		return false
	}
}

func (d *double) set(change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
}

func (d *double) asked() []embedRequest {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]embedRequest(nil), d.requests...)
}

func (d *double) tags(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.lists++
	pause := d.listPause
	d.mu.Unlock()
	if !wait(r, pause) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, _ = fmt.Fprintf(w, `{"models":[{"name":"other:latest","digest":"0"},{"name":"all-minilm:latest","digest":%q}]}`, d.digest)
}

func (d *double) show(w http.ResponseWriter, _ *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_ = json.NewEncoder(w).Encode(map[string]any{
		"parameters": d.parameters,
		"model_info": map[string]any{"general.architecture": "bert", "bert.context_length": d.context},
	})
}

func (d *double) embed(w http.ResponseWriter, r *http.Request) {
	request := embedRequest{Truncate: true}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	d.mu.Lock()
	d.requests = append(d.requests, request)
	d.underWay++
	d.mostAtOnce = max(d.mostAtOnce, d.underWay)
	pause, answer, stubborn, limit := d.pause+time.Duration(len(request.Input))*d.perText, d.answer, d.stubborn, d.context
	runner, starting := d.runner, time.Now().Before(d.back)
	d.mu.Unlock()
	defer d.set(func() { d.underWay-- })
	if starting {
		refuse(w, http.StatusInternalServerError, "health resp: dial tcp 127.0.0.1:44941: connect: connection refused")
		return
	}
	if !d.compute(w, r, request.Input, pause, runner) {
		return
	}
	if answer != nil && answer(w, request.Input) {
		return
	}
	if strings.TrimSuffix(request.Model, ":latest") != "all-minilm" {
		refuse(w, http.StatusNotFound, "model not found, try pulling it first")
		return
	}
	vectors := make([][]float32, len(request.Input))
	for i, text := range request.Input {
		words := strings.Fields(text)
		switch {
		case stubborn > 0 && len(words) > stubborn:
			refuse(w, http.StatusInternalServerError, "input length exceeds the context")
			return
		case len(words) > limit && !request.Truncate:
			refuse(w, http.StatusBadRequest, "input length exceeds maximum context length")
			return
		}
		vectors[i] = doubleVector(words[:min(len(words), limit)])
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"model": request.Model, "embeddings": vectors})
}

// compute passes the time that texts take, unless one of them ends it or the
// runner is ended under them; false: there is an answer, or nobody to take one.
func (d *double) compute(w http.ResponseWriter, r *http.Request, inputs []string, pause time.Duration, runner chan struct{}) bool {
	for _, text := range inputs {
		switch {
		case strings.Contains(text, "hang"):
			<-r.Context().Done()
			return false
		case strings.Contains(text, "kill"):
			d.set(func() {
				if d.runner == runner {
					close(runner)
					d.runner, d.back, d.killed = make(chan struct{}), time.Now().Add(d.restart), d.killed+1
				}
			})
		case strings.Contains(text, "refused"):
			refuse(w, http.StatusInternalServerError, "failed to encode response: json: unsupported value: NaN")
			return false
		}
	}
	select {
	case <-runner:
		refuse(w, http.StatusInternalServerError, "do embedding request: Post \"http://127.0.0.1:44941/embedding\": EOF")
	case <-r.Context().Done():
	case <-time.After(pause):
		return true
	}
	return false
}

// doubleVector sums a direction for each word; it is not normalised.
func doubleVector(words []string) []float32 {
	vector := make([]float32, 32)
	for _, word := range words {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(word))
		bits := hash.Sum64()
		for i := range vector {
			vector[i] += float32(int(bits>>i&1)*2 - 1)
		}
	}
	vector[0] += 0.5 // never zero
	return vector
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": message})
}
