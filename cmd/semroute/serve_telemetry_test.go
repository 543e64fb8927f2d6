package main

import (
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var administrating = regexp.MustCompile(`"address":"([^"]+)"[^\n]*"message":"listening for administrators"`)

// get is the answer to a GET, with headers in pairs.
func get(t *testing.T, url string, headers ...string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestServeIsMeasured(t *testing.T) {
	d := startDoubles(t, scripts(says("hello")), scripts(says("hello")), "")
	s := serveInProcess(t, "--catalog", d.catalog, "--ledger", filepath.Join(t.TempDir(), "calls.db"), "--admin-listen", "127.0.0.1:0", "--http-listen", "127.0.0.1:0")
	admin := "http://" + administrating.FindStringSubmatch(s.log.String())[1]
	for _, prompt := range []string{"where is my refund", "private words of somebody"} {
		if code, _, errs := runCommand(t.Context(), t, "", "route", "--server", s.address, prompt); code != 0 {
			t.Fatal(errs)
		}
	}
	if code, _, errs := runCommand(t.Context(), t, "", "chat", "--server", s.address, "where is my refund"); code != 0 {
		t.Fatal(errs)
	}
	if code, body := get(t, admin+"/readyz"); code != http.StatusOK || body != "serving\n" {
		t.Errorf("readiness is %d, %q", code, body)
	}
	if code, _ := get(t, admin+"/healthz"); code != http.StatusOK {
		t.Errorf("health is %d", code)
	}
	if code, body := get(t, admin+"/debug/pprof/"); code != http.StatusOK || !strings.Contains(body, "goroutine") {
		t.Errorf("profiles are %d, %q", code, body)
	}
	_, text := get(t, admin+"/metrics")
	for _, want := range []string{
		`rpc_server_call_duration_seconds_count{rpc_method="semroute.v1.RouterService/Route",rpc_response_status_code="OK"} 2`,
		`semroute_ready 1`, `semroute_store_failing 0`, `outcome="done"`, `semroute_circuit_open{model="near"} 0`, `semroute_generation_routes`, `go_goroutines`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	for _, secret := range []string{"refund", "private", "somebody"} {
		for line := range strings.SplitSeq(text, "\n") {
			if strings.Contains(line, secret) && !strings.Contains(line, `route="refund`) {
				t.Errorf("a prompt's words are in %s", line)
			}
		}
	}
	if _, exemplars := get(t, admin+"/metrics", "Accept", "application/openmetrics-text"); !strings.HasSuffix(exemplars, "# EOF\n") {
		t.Error("OpenMetrics is not spoken")
	}
}

func TestTelemetryThatCannotBe(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"a share of two":        {[]string{"--trace-share", "2"}, "--trace-share must be between 0 and 1"},
		"everybody may scrape":  {[]string{"--admin-listen", "0.0.0.0:0"}, "neither TLS"},
		"no address to listen":  {[]string{"--admin-listen", "nowhere"}, "--admin-listen nowhere"},
		"a share of no numbers": {[]string{"--trace-share", "NaN"}, "--trace-share must be between 0 and 1"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, errs := runCommand(t.Context(), t, "", append([]string{"serve", "--catalog", "../../examples/support", "--decide-only", "--listen", "127.0.0.1:0", "--cache-dir", "off"}, tt.args...)...)
			if code == 0 || !strings.Contains(errs, tt.want) {
				t.Errorf("exit code %d: %s", code, errs)
			}
		})
	}
}
