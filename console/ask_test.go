//go:build integration

package console_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// get asks the server by REST, as any other client does, and reads the answer.
func (s *served) get(t *testing.T, path string, into any) {
	t.Helper()
	answer, err := http.Get(s.Web + path) //nolint:noctx // a test of this machine
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", path, answer.Status, err, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
}

// post sends JSON.
func (s *served) post(t *testing.T, path, body string, into any) {
	t.Helper()
	answer, err := http.Post(s.Web+path, "application/json", strings.NewReader(body)) //nolint:noctx // a test of this machine
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v: %s", path, answer.Status, err, said)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(said, into); err != nil {
		t.Fatal(err)
	}
}

// decisions counts those that are recorded, once the ledger has written them.
func (s *served) decisions(t *testing.T) int {
	t.Helper()
	time.Sleep(1500 * time.Millisecond)
	var kept struct{ Decisions []json.RawMessage }
	s.get(t, "/v1/traffic/decisions", &kept)
	return len(kept.Decisions)
}
