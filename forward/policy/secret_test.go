package policy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/forwardtest"
	"github.com/semroute/semroute/routes"
)

const plantedKey = "planted-0123456789-secret"

// echoes are the ways in which a server can show the key that it was sent.
func echoes() map[string]forwardtest.Script {
	body := func(status int, kind, body string) forwardtest.Script {
		return func(w forwardtest.Wire) {
			w.Writer.Header().Set("Content-Type", kind)
			w.Writer.WriteHeader(status)
			_, _ = w.Writer.Write([]byte(strings.ReplaceAll(body, "KEY", plantedKey)))
		}
	}
	const sse, plain = "text/event-stream", "application/json"
	all := map[string]forwardtest.Script{
		"refused": func(w forwardtest.Wire) { w.Refuse(401, "wrong key "+plantedKey) },
		"failed in mid-answer": func(w forwardtest.Wire) {
			w.Send(w.Start(1), w.Piece("hi"), w.Failure("wrong key "+plantedKey))
		},
		"said and named as the model": func(w forwardtest.Wire) {
			w.Send(strings.ReplaceAll(w.Start(1)+w.Piece("it is "+plantedKey)+w.End(1, 1), `"model":"m"`, `"model":"`+plantedKey+`"`))
		},
		"redirected": func(w forwardtest.Wire) {
			w.Refuse(307, "to "+plantedKey, "Location", "http://elsewhere/?key="+plantedKey)
		},
	}
	for i, text := range []string{
		`KEY`, `{"error":"KEY"}`, `{"error":{"message":"Authorization: Bearer KEY","code":"KEY","param":"KEY"}}`, `{"detail":[{"loc":["KEY"],"msg":"unsupported KEY"}]}`,
		`{"message":"KEY"}`, `<html>KEY</html>`, `{"error":{"x":"KEY"}}`, `{"error":{"message":"unsupported parameter 'KEY'","param":"KEY"}}`,
		strings.Repeat("x", 290) + `KEY`, strings.Repeat("x", 64<<10-9) + `KEY`, "a\xffKEY", `{"error":{"metadata":{"raw":"KEY"}}}`,
	} {
		for _, status := range []int{200, 400, 422, 429, 500} {
			all[fmt.Sprintf("body %d of a %d", i, status)] = body(status, plain, text)
		}
	}
	for i, text := range []string{
		"KEY\n\n", "data: KEY\n\n", "data: {\"KEY\n\n", "event: error\ndata: KEY\n\n", "data: {\"hello\":\"KEY\"}\n\n", "data: {\"error\":\"KEY\"}\n\n", "data: {\"type\":\"error\",\"error\":{\"type\":\"KEY\",\"message\":\"KEY\"}}\n\n",
		"data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"id\":\"KEY\",\"function\":{\"arguments\":\"KEY\"}}]},\"finish_reason\":\"KEY\"}]}\n\n", "{\"message\":{\"tool_calls\":[{\"id\":\"KEY\"}]}}\n", "KEY",
		"data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"KEY\"}}\n\n", "data: {\"type\":\"content_block_delta\",\"index\":5,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"KEY\"}}\n\n",
	} {
		all[fmt.Sprintf("garbage %d", i)] = body(200, sse, text)
	}
	return all
}

// TestSecretIsNeverShown: a server that echoes the key cannot put it into an
// error, a record or an answer.
func TestSecretIsNeverShown(t *testing.T) {
	t.Setenv("SOME_KEY", plantedKey)
	for _, protocol := range forwardtest.Protocols() {
		for name, script := range echoes() {
			var sent http.Header
			server := forwardtest.NewServer(t, protocol, func(w forwardtest.Wire) {
				sent = w.Request.Header.Clone()
				script(w)
			})
			neverShown(t, string(protocol.Provider)+", "+name, protocol.Provider, server.URL)
			if got := sent.Get("Authorization") + sent.Get("X-Api-Key"); !strings.Contains(got, plantedKey) {
				t.Errorf("%s: the key was not sent, got %q", protocol.Provider, got)
			}
		}
		for i, answer := range []string{"KEY\r\n\r\n", "HTTP/1.1 KEY\r\n\r\n", "HTTP/1.1 200 OK\r\nKEY\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: KEY\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nKEY\r\n"} {
			neverShown(t, fmt.Sprintf("%s, raw %d", protocol.Provider, i), protocol.Provider, rawServer(t, strings.ReplaceAll(answer, "KEY", plantedKey)))
		}
	}
}

// neverShown calls the server and looks for the key in all that comes of it.
func neverShown(t *testing.T, name string, provider routes.Provider, address string) {
	t.Helper()
	m := routes.Model{Name: "small", Provider: provider, Model: "m", BaseURL: address, APIKeyEnv: "SOME_KEY"}
	d := deploy().withModel(m, connect(t, m))
	d.config.AttemptsPerModel = 1
	var answer forward.Collector
	record, err := d.forwarder(t).Forward(context.Background(), ask("hello"), answer.Add)
	raw, fault := json.Marshal(record)
	if fault != nil {
		t.Fatal(fault)
	}
	shown := fmt.Sprintf("%s\n%+v\n%#v\n%v\n%+v", raw, record, record, err, answer.Answer())
	for e := err; e != nil; {
		shown += fmt.Sprintf("\n%+v", e)
		unwrapped, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		e = unwrapped.Unwrap()
	}
	if i := strings.Index(shown, plantedKey[:12]); i >= 0 {
		t.Errorf("%s: …%s…", name, shown[max(0, i-80):min(len(shown), i+40)])
	}
}

// rawServer answers every connection with the text.
func rawServer(t *testing.T, answer string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 64<<10))
			_, _ = conn.Write([]byte(answer))
			_ = conn.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}
