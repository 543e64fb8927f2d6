package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semroute/semroute/auth/authtest"
)

// TestPlantedSecretsAreNotFound: a server has secrets of every kind, is asked well
// and badly, and nothing of them is in its log, in what callers see, or in what
// it keeps.
func TestPlantedSecretsAreNotFound(t *testing.T) {
	const upstream, wrong = "planted-upstream-0123456789", "smr_planted000_plantedplantedplantedplantedplantedplantedplantedpla"
	dir, issuer := t.TempDir(), authtest.NewIssuer(t)
	token := issuer.Sign(map[string]any{"iss": "i", "aud": "a", "sub": "planted", "exp": 1}) // long expired
	ledger := filepath.Join(dir, "calls.db")
	key := keyOf(t, ledger, "--name", "app")
	jwks, auth, catalog := filepath.Join(dir, "jwks.json"), filepath.Join(dir, "auth.yaml"), filepath.Join(dir, "my.yaml")
	for path, content := range map[string]string{
		jwks: string(issuer.KeySet()),
		auth: "tokens: {issuer: i, audience: a, jwks_file: " + jwks + ", roles: [decide]}\n",
		catalog: "models: [{name: m, provider: openai, model: m, base_url: \"http://127.0.0.1:1/v1\", api_key_env: PLANTED_KEY}]\n" +
			"routes:\n  - {name: a, models: [m], utterances: [hello there, good morning]}\n  - {name: b, models: [m], utterances: [my bill is wrong, refund me]}\nfallback: {models: [m]}\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PLANTED_KEY", upstream)
	s := startServing(t, "--catalog", catalog, "--auth", auth, "--require-keys", "--ledger", ledger, "--log-level", "debug", "--store-prompts", "redact")
	shown := ""
	for _, secret := range []string{key.Key, wrong, token, token + "x"} {
		t.Setenv(apiKeyEnv, secret)
		for _, args := range [][]string{
			{"route", "--server", s.address, "--wait", "1m", "hello there, my key is " + key.Key},
			{"chat", "--server", s.address, "--wait", "1m", "hello there"},
		} {
			_, out, errs := runCommand(t.Context(), t, "", args...)
			shown += out + errs
		}
	}
	s.stop()
	<-s.code
	shown += s.log.String()
	for _, suffix := range []string{"", "-wal"} {
		kept, err := os.ReadFile(ledger + suffix)
		if err != nil && suffix == "" {
			t.Fatal(err)
		}
		shown += string(kept)
	}
	if !strings.Contains(shown, `"caller":"key:`+key.Prefix) || !strings.Contains(shown, "UNAUTHENTICATED") && !strings.Contains(shown, "Unauthenticated") {
		t.Fatalf("the calls were not made:\n%.4000s", shown)
	}
	for name, secret := range map[string]string{
		"the key": key.Key[len(key.Key)-40:], "the wrong key": wrong[len(wrong)-40:], "the token": token[strings.LastIndex(token, ".")+1:], "the upstream's key": upstream,
	} {
		if i := strings.Index(shown, secret); i >= 0 {
			t.Errorf("%s is shown: …%.300s", name, shown[max(0, i-150):])
		}
	}
}
