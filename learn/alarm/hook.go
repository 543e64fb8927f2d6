package alarm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/rs/zerolog"
)

// ErrHook: a web hook cannot have this address.
var ErrHook = errors.New("not an address for alarms")

const (
	hookTimeout  = 10 * time.Second
	hookAttempts = 4
	hookPause    = time.Second // doubled after each attempt
	hookQueue    = 64
)

// Hook sends alarms to a web address, each as one JSON object by POST. It follows
// no redirect: what an alarm says is for that address alone.
type Hook struct {
	address string
	client  *http.Client
	queue   chan Alarm
}

// NewHook makes a hook of an address: https, or http to this machine. Anything
// else is an ErrHook. A nil transport is the default one.
func NewHook(address string, transport http.RoundTripper) (*Hook, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, fmt.Errorf("%w: give one such as https://example.com/alarms", ErrHook)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, fmt.Errorf("%w: http reaches only this machine, use https for %s", ErrHook, u.Hostname())
	}
	return &Hook{address: address, queue: make(chan Alarm, hookQueue), client: &http.Client{
		Transport: transport, Timeout: hookTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// send queues an alarm; one that finds no room is in the log only.
func (h *Hook) send(a Alarm) {
	select {
	case h.queue <- a:
	default:
	}
}

func (h *Hook) run(ctx context.Context, log zerolog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case a := <-h.queue:
			if err := h.deliver(ctx, a); err != nil && ctx.Err() == nil {
				log.Error().Err(err).Int64("alarm", a.Number).Msg("an alarm could not be sent")
			}
		}
	}
}

// deliver tries a few times, after growing pauses.
func (h *Hook) deliver(ctx context.Context, a Alarm) error {
	body, err := json.Marshal(a)
	if err != nil {
		return err
	}
	pause := hookPause
	for attempt := 1; ; attempt++ {
		err := h.post(ctx, body)
		if err == nil || attempt == hookAttempts || errors.Is(err, errRefused) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// errRefused: trying again gives the same answer.
var errRefused = errors.New("the address does not take alarms")

func (h *Hook) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.address, bytes.NewReader(body))
	if err != nil {
		return errRefused
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := h.client.Do(req)
	if err != nil {
		var failed *url.Error // which repeats the address, and with it what may be a secret
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return fmt.Errorf("the address of alarms: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode/100 == 5:
		return fmt.Errorf("the address of alarms answers %s", resp.Status)
	}
	return fmt.Errorf("%w: it answers %s", errRefused, resp.Status)
}
