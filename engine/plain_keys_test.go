package engine_test

import (
	"errors"
	"testing"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/routes"
)

// TestKeysDoNotGoOutUnencrypted, unless somebody allows it.
func TestKeysDoNotGoOutUnencrypted(t *testing.T) {
	lookup := func(string) (string, bool) { return "key", true }
	for address, ok := range map[string]bool{
		"https://api.example.com/v1": true, "http://127.0.0.1:8000/v1": true, "http://localhost:8000/v1": true, "http://[::1]:8000": true,
		"http://api.example.com/v1": false, "http://10.0.0.7:8000": false, "HTTP://localhost.example.com": false,
	} {
		for _, provider := range []routes.Provider{routes.OpenAI, routes.Anthropic, routes.Ollama} {
			m := routes.Model{Name: "m", Provider: provider, Model: "m", BaseURL: address, APIKeyEnv: "KEY"}
			_, err := engine.OpenProvider(m, engine.ProviderConfig{LookupEnv: lookup})
			if (err == nil) != ok || err != nil && !errors.Is(err, forward.ErrConfig) {
				t.Errorf("%s at %s: %v", provider, address, err)
			}
			if _, err := engine.OpenProvider(m, engine.ProviderConfig{LookupEnv: lookup, PlainKeys: true}); err != nil {
				t.Errorf("%s at %s, allowed: %v", provider, address, err)
			}
			m.APIKeyEnv = ""
			if _, err := engine.OpenProvider(m, engine.ProviderConfig{}); err != nil {
				t.Errorf("%s at %s, without a key: %v", provider, address, err)
			}
		}
	}
	m := routes.Model{Name: "m", Provider: routes.Ollama, Model: "m", APIKeyEnv: "KEY"}
	if _, err := engine.OpenProvider(m, engine.ProviderConfig{LookupEnv: lookup, OllamaHost: "ollama.example.com"}); !errors.Is(err, forward.ErrConfig) {
		t.Errorf("by Ollama's host: %v", err)
	}
}
