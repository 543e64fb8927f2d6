package schema_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/semroute/semroute/internal/schema"
)

func compile(t *testing.T, text string) *schema.Schema {
	t.Helper()
	s, err := schema.Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCheck(t *testing.T) {
	s := compile(t, `{"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "pattern": "^x+$"}}}`)
	for text, want := range map[string]string{
		`{"a": "xx"}`: "", `{"a": "xy"}`: "pattern", `{"a": 1}`: "got number", `{}`: "missing property", `{`: "not JSON", `{} {}`: "not JSON",
	} {
		err := s.Check(t.Context(), text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", text, err, want)
		}
	}
}

func TestASchemaThatIsNoneIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`{"type": "objekt"}`:            "value must be one of",
		`{"pattern": "("}`:              "missing closing )",
		`{"$ref": "file:///etc/hosts"}`: "must not refer to other files",
		`{"$ref": "https://x.example"}`: "must not refer to other files",
		`{`:                             "EOF",
	} {
		if _, err := schema.Compile(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s gives %v, want %q", text, err, want)
		}
	}
}

// deep is a schema whose work doubles with every level of a text, and such a text.
func deep(levels int) (text, value string) {
	branch := `{"properties": {"a": {"$ref": "#/$defs/n"}}, "required": ["a"]}`
	text = `{"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [` + branch + `, ` + branch + `]}}}`
	return text, strings.Repeat(`{"a": `, levels) + "{}" + strings.Repeat("}", levels)
}

func TestCheckingEndsWithItsContext(t *testing.T) {
	levels, nested := deep(12)
	for name, tt := range map[string]struct{ schema, text string }{
		"a pattern of many states": {
			`{"pattern": "[a-z ]{1,500}z[a-z ]{1,400}q$"}`, `"` + strings.Repeat("the quick brown fox ", 50_000) + `"`,
		},
		"choices within choices": {levels, nested},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := compile(t, tt.schema).Check(ctx, tt.text); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
		})
	}
}
