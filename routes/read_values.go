package routes

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/semroute/semroute/internal/strictyaml"
)

// The words of the reader below, which every file of this package uses.
type (
	value     = strictyaml.Value
	collector = strictyaml.Collector
)

// field is what to do with the value of a known key.
type field struct {
	key  string
	read func(value)
}

// readMapping reads a mapping whose keys are all among fields. what names it in
// messages.
func readMapping(v value, what string, fields ...field) bool {
	return v.Entries(what, func(key string, at Position, item value) {
		for _, f := range fields {
			if f.key == key {
				f.read(item)
				return
			}
		}
		unknownKey(v.Found(), what, key, at, fields)
	})
}

func unknownKey(found *collector, what, key string, at Position, fields []field) {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	switch {
	case key == "<<":
		found.Add(at, "merge keys are not used in catalogs; write the keys out")
	case holdsSecret(key) && slices.Contains(known, "api_key_env"):
		found.Add(at, "%s: a secret never stands in a catalog; name the environment variable that holds it with api_key_env, or the file with api_key_file", key)
	case holdsSecret(key):
		found.Add(at, "%s: a secret never stands in a catalog; a model names where its secret is with api_key_env or api_key_file", key)
	default:
		found.Add(at, "unknown key %s in %s%s", strictyaml.Quote(key), what, strictyaml.Suggestion(key, known))
	}
}

// holdsSecret says that a key is one under which people write secrets.
func holdsSecret(key string) bool {
	switch strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(key)) {
	case "apikey", "key", "token", "apitoken", "accesstoken", "authtoken", "bearer", "bearertoken", "secret",
		"apisecret", "secretkey", "password", "credentials", "authorization":
		return true
	}
	return false
}

// readName reads a name: text of bounded length without control characters or
// spaces around it.
func readName(v value, what string) (string, bool) {
	s, ok := v.Text(what)
	if !ok {
		return "", false
	}
	switch {
	case s == "":
		v.Bad("%s is empty", what)
	case len(s) > MaxNameBytes:
		v.Bad("%s is longer than %d bytes", what, MaxNameBytes)
	case strings.ContainsFunc(s, unicode.IsControl):
		v.Bad("%s %s holds a control character", what, strictyaml.Quote(s))
	case strings.TrimSpace(s) != s:
		v.Bad("%s %s has spaces around it", what, strictyaml.Quote(s))
	default:
		return s, true
	}
	return "", false
}

// maxDuration bounds every duration of a catalog.
const maxDuration = 24 * time.Hour

// readDuration reads a positive time span such as 30s; 0 after a complaint.
func readDuration(v value, what string) time.Duration {
	n, ok := v.Node.(*ast.StringNode)
	if !ok {
		v.Wrong(what, "a time with its unit, such as 30s or 500ms")
		return 0
	}
	d, err := time.ParseDuration(n.Value)
	if err != nil {
		v.Bad("%s: %s is not a time; write it with its unit, such as 30s or 500ms", what, strictyaml.Quote(n.Value))
		return 0
	}
	if d <= 0 || d > maxDuration {
		v.Bad("%s is %s but must be more than 0 and at most 24h", what, n.Value)
		return 0
	}
	return d
}

// readDollars reads an amount of USD exactly, in nano-dollars.
func readDollars(v value, what string) (int64, bool) {
	switch v.Node.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
	default:
		return 0, v.Wrong(what, "a number of USD")
	}
	n, err := parseDollars(v.Node.GetToken().Value)
	if err != nil {
		v.Bad("%s is %s but %v", what, v.Node.GetToken().Value, err)
		return 0, false
	}
	return n, true
}
