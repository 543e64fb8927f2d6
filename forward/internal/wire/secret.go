package wire

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/internal/plainfile"
	"github.com/semroute/semroute/routes"
)

// maxSecret bounds a secret's file.
const maxSecret = 64 << 10

// Secret reads the model's key from the environment or from its file; "" when
// the catalog names neither. The error names where the key should be, never
// what is there.
func Secret(m routes.Model, lookup func(string) (string, bool)) (string, error) {
	switch {
	case m.APIKeyEnv != "":
		value, ok := lookup(m.APIKeyEnv)
		value = strings.TrimSpace(value)
		if !ok || value == "" {
			return "", fmt.Errorf("%w: model %q: set the environment variable %s, or remove api_key_env from the catalog",
				forward.ErrSecret, m.Name, m.APIKeyEnv)
		}
		return usable(m, value, "the environment variable "+m.APIKeyEnv)
	case m.APIKeyFile != "":
		return fromFile(m)
	}
	return "", nil
}

func fromFile(m routes.Model) (string, error) {
	raw, err := plainfile.Read(m.APIKeyFile, maxSecret)
	if err != nil {
		return "", fmt.Errorf("%w: model %q: api_key_file: %w", forward.ErrSecret, m.Name, err)
	}
	value := strings.TrimSpace(string(raw))
	if value == "" {
		return "", fmt.Errorf("%w: model %q: the file %s is empty", forward.ErrSecret, m.Name, m.APIKeyFile)
	}
	return usable(m, value, "the file "+m.APIKeyFile)
}

// usable refuses what cannot stand in a header, which would otherwise fail
// later with a message that shows it.
func usable(m routes.Model, value, where string) (string, error) {
	for _, c := range []byte(value) {
		if c <= ' ' || c >= 0x7f {
			return "", fmt.Errorf("%w: model %q: %s does not hold a single key", forward.ErrSecret, m.Name, where)
		}
	}
	return value, nil
}

// Address is the model's address, else the usual one.
func Address(m routes.Model, usual string) (*url.URL, error) {
	text := m.BaseURL
	if text == "" {
		text = usual
	}
	u, err := url.Parse(text)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return nil, fmt.Errorf("%w: model %q: base_url must be an http or https address", forward.ErrConfig, m.Name)
	}
	if u.User != nil {
		return nil, fmt.Errorf("%w: model %q: base_url must not hold a password; use api_key_env or api_key_file", forward.ErrConfig, m.Name)
	}
	return u, nil
}
