package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/auth/authtest"
	"github.com/semroute/semroute/auth/certs"
)

// TestNothingIsReachableUnlessSomebodySaysSo: beyond this machine a server needs
// TLS and to know its callers.
func TestNothingIsReachableUnlessSomebodySaysSo(t *testing.T) {
	secured := certs.Files{Cert: "cert.pem", Key: "key.pem"}
	mutual := certs.Files{Cert: "cert.pem", Key: "key.pem", CA: "ca.pem"}
	for name, test := range map[string]struct {
		access   accessFlags
		loopback bool
		ok, warn bool
	}{
		"nothing, on this machine":      {accessFlags{}, true, true, false},
		"nothing":                       {accessFlags{}, false, false, false},
		"TLS alone":                     {accessFlags{tls: secured}, false, false, false},
		"keys alone":                    {accessFlags{keys: true}, false, false, false},
		"TLS and keys":                  {accessFlags{tls: secured, keys: true}, false, true, false},
		"TLS and an auth file":          {accessFlags{tls: secured, auth: "auth.yaml"}, false, true, false},
		"TLS both ways":                 {accessFlags{tls: mutual}, false, true, false},
		"nothing, and somebody says so": {accessFlags{insecure: true}, false, true, true},
		"keys, and somebody says so":    {accessFlags{keys: true, insecure: true}, false, true, true},
		"all, and somebody says so":     {accessFlags{tls: secured, keys: true, insecure: true}, false, true, false},
	} {
		addresses := []string{"0.0.0.0:50051", "[::]:50051", "192.168.1.7:50051", "169.254.1.1:1"}
		if test.loopback {
			addresses = []string{"127.0.0.1:50051", "[::1]:50051", "127.8.9.1:1"}
		}
		for _, address := range addresses {
			tcp, err := net.ResolveTCPAddr("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			err = test.access.listening(tcp, zerolog.New(&log))
			if (err == nil) != test.ok || strings.Contains(log.String(), `"level":"warn"`) != test.warn {
				t.Errorf("%s, %s: %v, log %s", name, address, err, &log)
			}
		}
	}
	code, _, errs := runCommand(t.Context(), t, "", "serve", "--catalog", "../../examples/support", "--listen", "0.0.0.0:0", "--cache-dir", "off")
	if code != exitWrongUse || !strings.Contains(errs, "--insecure") {
		t.Errorf("exit code %d, %s", code, errs)
	}
}

func TestSettingsOfAccessThatMakeNoSense(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "auth.yaml")
	if err := os.WriteFile(broken, []byte("keys: [{prefix: a}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, args := range map[string][]string{
		"--tls-cert and --tls-key need each other": {"--tls-cert", "x"},
		"--tls-client-ca needs":                    {"--tls-client-ca", "x"},
		"--require-keys needs the store":           {"--require-keys"},
		"unusable TLS files":                       {"--tls-cert", broken, "--tls-key", broken},
		broken + ":1:8":                            {"--auth", broken},
	} {
		code, _, errs := runCommand(t.Context(), t, "", append([]string{"serve", "--catalog", "../../examples/support", "--listen", "127.0.0.1:0", "--cache-dir", "off"}, args...)...)
		if code != exitWrongUse || !strings.Contains(errs, want) {
			t.Errorf("%q: exit code %d, %s", args, code, errs)
		}
	}
}

// keyOf makes a key in a ledger with the commands that people use.
func keyOf(t *testing.T, ledger string, args ...string) keyJSON {
	t.Helper()
	code, out, errs := runCommand(t.Context(), t, "", append([]string{"keys", "create", "--ledger", ledger, "--json"}, args...)...)
	var k keyJSON
	if err := json.Unmarshal([]byte(out), &k); err != nil || code != 0 {
		t.Fatalf("exit code %d, %v, %s%s", code, err, out, errs)
	}
	return k
}

// TestServeWithTLSAndKeys is a whole life of keys beside a server that runs.
func TestServeWithTLSAndKeys(t *testing.T) {
	ca := authtest.NewCA(t)
	cert, certKey := ca.Issue("localhost")
	ledger := filepath.Join(t.TempDir(), "calls.db")
	first := keyOf(t, ledger, "--name", "first", "--role", "decide")
	s := startServing(t, "--catalog", "../../examples/support", "--tls-cert", cert, "--tls-key", certKey, "--ledger", ledger, "--require-keys", "--decide-only")
	ask := func(key string, more ...string) (int, string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errs := runCommand(t.Context(), t, "", append([]string{"route", "--server", s.address, "--wait", "1m", "--tls-ca", ca.File, "--api-key-file", file, "i was billed twice this month"}, more...)...)
		return code, out + errs
	}
	if code, out := ask(first.Key); code != 0 || !strings.HasPrefix(out, "billing") {
		t.Fatalf("with a key: exit code %d, %s", code, out)
	}
	if code, out := ask("smr_wrong"); code != exitFailed || !strings.Contains(out, "Unauthenticated") {
		t.Errorf("with a wrong key: exit code %d, %s", code, out)
	}
	second := keyOf(t, ledger, "--name", "second", "--role", "decide") // while the server runs
	if code, out := ask(second.Key); code != 0 {
		t.Errorf("with a new key: exit code %d, %s", code, out)
	}
	code, out, errs := runCommand(t.Context(), t, "", "keys", "rotate", second.Prefix, "--ledger", ledger, "--grace", "1h", "--json")
	var third keyJSON
	if err := json.Unmarshal([]byte(out), &third); err != nil || code != 0 || third.Name != "second" {
		t.Fatalf("exit code %d, %v, %s%s", code, err, out, errs)
	}
	for name, key := range map[string]string{"the old key": second.Key, "the new one": third.Key} {
		if code, out := ask(key); code != 0 {
			t.Errorf("%s during its grace: exit code %d, %s", name, code, out)
		}
	}
	if code, _, errs := runCommand(t.Context(), t, "", "keys", "revoke", second.Key, "--ledger", ledger); code != 0 {
		t.Fatalf("exit code %d, %s", code, errs)
	}
	waitFor(t, func() bool { code, _ := ask(second.Key); return code == exitFailed }, s.log)
	if code, out := ask(third.Key); code != 0 {
		t.Errorf("the other key: exit code %d, %s", code, out)
	}
	_, list, _ := runCommand(t.Context(), t, "", "keys", "list", "--ledger", ledger)
	for _, want := range []string{"first", "second", "revoked", "valid", first.Prefix} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	for _, shown := range []string{list, s.log.String()} {
		for _, k := range []keyJSON{first, second, third} {
			if strings.Contains(shown, k.Key[len(k.Key)-20:]) {
				t.Errorf("a secret is shown:\n%s", shown)
			}
		}
	}
	if code, out, errs := runCommand(t.Context(), t, "", "health", "--server", s.address, "--tls-ca", ca.File); code != 0 {
		t.Errorf("health without a key: exit code %d, %s%s", code, out, errs)
	}
	if code, out := ask(first.Key, "--tls-ca", authtest.NewCA(t).File, "--wait", "0s"); code == 0 { // the wrong authority
		t.Errorf("a server that nobody vouches for: %s", out)
	}
}

// TestAKeyWithoutALedger: what is printed is what an auth file takes.
func TestAKeyWithoutALedger(t *testing.T) {
	code, out, errs := runCommand(t.Context(), t, "", "keys", "create", "--name", "ci", "--role", "decide", "--route", "billing", "--budget-usd", "0.00001", "--per-second", "5", "--expires", "720h")
	secret, entry, _ := strings.Cut(out, "\n")
	if code != 0 || !strings.HasPrefix(secret, "smr_") {
		t.Fatalf("exit code %d, %s%s", code, out, errs)
	}
	file := filepath.Join(t.TempDir(), "auth.yaml")
	if err := os.WriteFile(file, []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServing(t, "--catalog", "../../examples/support", "--auth", file, "--ledger", filepath.Join(t.TempDir(), "calls.db"), "--decide-only")
	t.Setenv("SEMROUTE_API_KEY", secret)
	for prompt, want := range map[string]int{"i was billed twice this month": 0, "where is my parcel": exitFailed} {
		if code, out, errs := runCommand(t.Context(), t, "", "route", "--server", s.address, "--wait", "1m", prompt); code != want {
			t.Errorf("%q: exit code %d, %s%s", prompt, code, out, errs)
		}
	}
	if code, _, errs := runCommand(t.Context(), t, "", "route", "--server", "192.0.2.1:50051", "--wait", "0s", "x"); code != exitWrongUse || !strings.Contains(errs, "unencrypted") {
		t.Errorf("a key to another machine without TLS: exit code %d, %s", code, errs)
	}
	code, _, errs = runCommand(t.Context(), t, "", "serve", "--catalog", "../../examples/support", "--auth", file, "--listen", "127.0.0.1:0", "--cache-dir", "off")
	if code != exitWrongUse || !strings.Contains(errs, "--ledger") {
		t.Errorf("a budget where nothing is kept: exit code %d, %s", code, errs)
	}
}
