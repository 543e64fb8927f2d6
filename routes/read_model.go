package routes

import (
	"math"
	"net/url"
	"slices"
	"strings"

	"github.com/semroute/semroute/internal/strictyaml"
)

// The bounds of a model's numbers.
const (
	maxContextTokens = math.MaxInt32
	maxConcurrent    = 100_000
)

func (l *loading) model(v value) {
	m := Model{At: v.Place}
	ok := readMapping(v, "a model",
		field{"name", func(v value) { m.Name, _ = readName(v, "model name") }},
		field{"provider", func(v value) { m.Provider, _ = strictyaml.OneOf(v, "provider", Ollama, OpenAI, Anthropic) }},
		field{"model", func(v value) { m.Model, _ = readName(v, "model") }},
		field{"base_url", func(v value) { m.BaseURL = readURL(v) }},
		field{"api_key_env", func(v value) { m.APIKeyEnv = readVariable(v) }},
		field{"api_key_file", func(v value) { m.APIKeyFile = l.keyFile(v) }},
		field{"price", func(v value) { m.Prices = readPrices(v) }},
		field{"context_tokens", func(v value) {
			n, _ := v.Integer("context_tokens", 0, maxContextTokens)
			m.ContextTokens = int(n)
		}},
		field{"capabilities", func(v value) { m.Capabilities = readCapabilities(v) }},
		field{"timeout", func(v value) { m.Timeout = readDuration(v, "timeout") }},
		field{"max_concurrent", func(v value) {
			n, _ := v.Integer("max_concurrent", 1, maxConcurrent)
			m.MaxConcurrent = int(n)
		}},
		field{"max_tokens_field", func(v value) {
			m.MaxTokensField, _ = strictyaml.OneOf(v, "max_tokens_field", MaxTokens, MaxCompletionTokens)
		}},
		field{"stream_options", func(v value) {
			pointer(&m.StreamOptions, func() (bool, bool) { return v.Boolean("stream_options") })
		}},
		field{"canaries", func(v value) { m.Canaries = readCanaries(v) }},
	)
	if !ok || !requireKeys(v, "a model", "name", "provider", "model") {
		return
	}
	if m.APIKeyEnv != "" && m.APIKeyFile != "" {
		v.Bad("model %s has both api_key_env and api_key_file; keep one", strictyaml.Quote(m.Name))
	}
	if m.Provider != "" && m.Provider != OpenAI && (m.MaxTokensField != "" || m.StreamOptions != nil) {
		v.Bad("model %s has max_tokens_field or stream_options, which only the provider openai has", strictyaml.Quote(m.Name))
	}
	if m.Name == "" {
		return
	}
	l.declare(aModel, m.Name, m.At)
	l.catalog.Models = append(l.catalog.Models, m)
}

// requireKeys notes the keys that a mapping lacks.
func requireKeys(v value, what string, keys ...string) bool {
	var missing []string
	present := v.Keys()
	for _, key := range keys {
		if !slices.Contains(present, key) {
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		v.Bad("%s needs %s", what, strings.Join(missing, ", "))
	}
	return len(missing) == 0
}

// readURL reads a server's address. The text of a wrong one is not repeated,
// because it may hold a password.
func readURL(v value) string {
	s, ok := v.Text("base_url")
	if !ok {
		return ""
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "" || (u.Scheme != "http" && u.Scheme != "https"):
		v.Bad("base_url must be an address such as http://127.0.0.1:11434")
	case u.User != nil:
		v.Bad("base_url holds a user or password; a secret never stands in a catalog, use api_key_env or api_key_file")
	case u.RawQuery != "" || u.Fragment != "":
		v.Bad("base_url must end with its path, without ? or #")
	default:
		return strings.TrimRight(s, "/")
	}
	return ""
}

// readVariable reads the name of an environment variable. A wrong one is not
// repeated, because it may be the secret itself.
func readVariable(v value) string {
	s, ok := v.Text("api_key_env")
	if !ok {
		return ""
	}
	wrong := func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}
	if s == "" || len(s) > MaxNameBytes || (s[0] >= '0' && s[0] <= '9') || strings.ContainsFunc(s, wrong) {
		v.Bad("api_key_env must be the name of an environment variable, such as OPENAI_API_KEY, not the key itself")
		return ""
	}
	return s
}

func (l *loading) keyFile(v value) string {
	s, ok := v.Text("api_key_file")
	if !ok {
		return ""
	}
	if s == "" || strings.ContainsRune(s, 0) {
		v.Bad("api_key_file must be the path of a file that holds the key")
		return ""
	}
	return l.tree.beside(v.File(), s)
}

// The bounds of a model's canaries: each is asked again and again.
const (
	maxCanaries    = 32
	maxCanaryBytes = 4 << 10
)

func readCanaries(v value) []string {
	var all []string
	v.List("canaries", func(item value) {
		text, ok := item.Text("a canary")
		switch {
		case !ok:
		case strings.TrimSpace(text) == "" || len(text) > maxCanaryBytes:
			item.Bad("a canary is a prompt of 1 to %d bytes", maxCanaryBytes)
		case slices.Contains(all, text):
			item.Bad("the canary %s stands twice", strictyaml.Quote(text))
		case len(all) == maxCanaries:
			item.Bad("a model has at most %d canaries", maxCanaries)
		default:
			all = append(all, text)
		}
	})
	return all
}

func readCapabilities(v value) []Capability {
	var all []Capability
	v.List("capabilities", func(item value) {
		c, ok := strictyaml.OneOf(item, "capability", Tools, JSON, Vision)
		if !ok {
			return
		}
		if slices.Contains(all, c) {
			item.Bad("capability %s stands twice", strictyaml.Quote(string(c)))
			return
		}
		all = append(all, c)
	})
	return all
}
