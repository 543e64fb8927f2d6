package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// Marshal is JSON without the escapes that are for HTML pages.
func Marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// Write answers with JSON. A caller who has gone is no failure of ours.
func Write(w http.ResponseWriter, status int, v any) {
	body, err := Marshal(v)
	if err != nil { // only a value of ours that is no JSON
		status, body = http.StatusInternalServerError, []byte(`{"error":{"message":"the answer cannot be written"}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// Events is an answer as server-sent events. Its head goes out with the first of
// them, so that until then a failure can be a status. The forwarder gives up a
// caller that reads too slowly while an event is still being written: Close ends
// that, and whoever writes later fails. It is safe for concurrent use.
type Events struct {
	w       http.ResponseWriter
	control *http.ResponseController

	mu     sync.Mutex // protects what follows
	begun  bool
	closed bool
	held   []byte // events that wait for Flush
}

// NewEvents makes a stream on an answer of which nothing has been written.
func NewEvents(w http.ResponseWriter) *Events {
	return &Events{w: w, control: http.NewResponseController(w)}
}

// Head is the header to be sent; it is read with the first event.
func (e *Events) Head() http.Header { return e.w.Header() }

// Begun says that the head has been sent.
func (e *Events) Begun() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.begun
}

// Hold keeps one event with its data, named where the protocol names events, until
// Flush: what belongs together goes out as one write and wakes its reader once.
func (e *Events) Hold(name string, data []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if name != "" {
		e.held = append(append(append(e.held, "event: "...), name...), '\n')
	}
	e.held = append(append(append(e.held, "data: "...), data...), "\n\n"...)
}

// HoldJSON is Hold for data that is JSON.
func (e *Events) HoldJSON(name string, v any) error {
	data, err := Marshal(v)
	if err == nil {
		e.Hold(name, data)
	}
	return err
}

// Flush writes the events that are held.
func (e *Events) Flush() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return http.ErrHandlerTimeout
	}
	if len(e.held) == 0 {
		return nil
	}
	if !e.begun {
		e.begun = true
		h := e.w.Header()
		h.Set("Content-Type", "text/event-stream; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		h.Set("X-Accel-Buffering", "no") // proxies would hold pieces back
		e.w.WriteHeader(http.StatusOK)
	}
	_, err := e.w.Write(e.held)
	if e.held = e.held[:0]; cap(e.held) > maxHeld {
		e.held = nil
	}
	if err != nil {
		return err
	}
	return e.control.Flush()
}

// maxHeld is how much room for held events an open stream keeps.
const maxHeld = 4 << 10

// SendJSON writes what is held and one event more, whose data is JSON.
func (e *Events) SendJSON(name string, v any) error {
	if err := e.HoldJSON(name, v); err != nil {
		return err
	}
	return e.Flush()
}

// Close ends the writing of events; an answer that is stuck in one is broken off.
func (e *Events) Close() {
	if !e.mu.TryLock() {
		_ = e.control.SetWriteDeadline(time.Now())
		e.mu.Lock()
	}
	e.closed = true
	e.mu.Unlock()
}
