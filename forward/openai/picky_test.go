package openai_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/semroute/semroute/forward/forwardtest"
)

// picky refuses requests that hold one of the fields.
type picky struct {
	forwardtest.Canned
	fields  map[string]string // and with what words
	mu      sync.Mutex        // protects refused
	refused int
}

// RoundTrip implements http.RoundTripper.
func (p *picky) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	for field, refusal := range p.fields {
		if bytes.Contains(body, []byte(`"`+field+`"`)) {
			p.mu.Lock()
			p.refused++
			p.mu.Unlock()
			refuses := &forwardtest.Canned{Status: http.StatusBadRequest, ContentType: "application/json", Body: refusal}
			req.Body = io.NopCloser(bytes.NewReader(body))
			return refuses.RoundTrip(req)
		}
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return p.Canned.RoundTrip(req)
}
