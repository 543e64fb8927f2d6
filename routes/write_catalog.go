package routes

import (
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// WriteCatalog writes a catalog as one YAML file that Load reads back as the
// same catalog, with the same fingerprint. Equal catalogs give equal bytes.
// Comments and the split into files are not kept.
func WriteCatalog(w io.Writer, c *Catalog) error {
	return yaml.NewEncoder(w, writeOptions()...).Encode(c)
}

// writeOptions are how this package writes YAML. What a field is called stands
// beside it, in its yaml tag. Mappings with free keys stand in one line (flow):
// the library loses the column of a key that goes through plainOrQuoted.
func writeOptions() []yaml.EncodeOption {
	return []yaml.EncodeOption{
		yaml.IndentSequence(true),
		yaml.CustomMarshaler(func(s string) ([]byte, error) { return plainOrQuoted(s), nil }),
		// Without an exponent: the library takes 1e-07 for a text.
		yaml.CustomMarshaler(func(n float64) ([]byte, error) { return strconv.AppendFloat(nil, n, 'f', -1, 64), nil }),
	}
}

// plainWord is text that needs no quotes and is no number, boolean or null.
var plainWord = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

// otherMeaning are words that some YAML reader takes for something else.
var otherMeaning = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// plainOrQuoted leaves simple words plain and quotes all else: the library
// itself quotes too little, a text of two lines for one.
func plainOrQuoted(s string) []byte {
	if plainWord.MatchString(s) && !slices.Contains(otherMeaning, strings.ToLower(s)) {
		return []byte(s)
	}
	return strconv.AppendQuote(nil, s)
}

// dollars are nano-dollars that are written as dollars.
type dollars int64

// MarshalYAML implements yaml.BytesMarshaler.
func (d dollars) MarshalYAML() ([]byte, error) { return []byte(formatDollars(int64(d))), nil }

// MarshalYAML writes the amount in dollars.
func (b Budget) MarshalYAML() (any, error) {
	type Rest Budget
	return struct {
		Rest `yaml:",inline"`
		USD  *dollars `yaml:"usd,omitempty"` // in place of the number in Rest
	}{Rest(b), (*dollars)(b.USD)}, nil
}

// MarshalYAML writes the price in dollars.
func (f Forwarding) MarshalYAML() (any, error) {
	type Rest Forwarding
	return struct {
		Rest     `yaml:",inline"`
		MaxPrice *dollars `yaml:"max_price,omitempty"` // in place of the number in Rest
	}{Rest(f), (*dollars)(f.MaxPrice)}, nil
}

// writtenCheck is a Check as it is written: exactly one of its fields is set.
type writtenCheck struct {
	// Regex is a regular expression (RE2) that the answer must match.
	Regex string `yaml:"regex,omitempty"`
	// NotRegex is one that it must not match.
	NotRegex string `yaml:"not_regex,omitempty"`
	// JSONSchema is what the answer must be, as JSON.
	JSONSchema any `yaml:"json_schema,flow,omitempty"`
	// MinLogprob, at most 0, is the least mean log-probability of the answer's tokens.
	MinLogprob *float64 `yaml:"min_logprob,omitempty"`
	// Judge is a model that scores the answer.
	Judge *Judge `yaml:"judge,omitempty"`
	// When is a CEL expression over the answer that must give true.
	When string `yaml:"when,omitempty"`
	// NotRefusal wants an answer that does not decline; the bare word does, too.
	NotRefusal bool `yaml:"not_refusal,omitempty"`
	// NotEmpty wants an answer that says something; the bare word does, too.
	NotEmpty bool `yaml:"not_empty,omitempty"`
}

// MarshalYAML writes a check as a mapping of its kind.
func (c Check) MarshalYAML() (any, error) {
	var out writtenCheck
	switch c.Kind {
	case MatchesRegex:
		out.Regex = c.Pattern
	case NotRegex:
		out.NotRegex = c.Pattern
	case MatchesSchema:
		if err := json.Unmarshal([]byte(c.JSONSchema), &out.JSONSchema); err != nil {
			return nil, fmt.Errorf("the schema of a check: %w", err)
		}
	case MeanLogprob:
		out.MinLogprob = &c.MinLogprob
	case JudgedBy:
		out.Judge = c.Judge
	case WhenTrue:
		out.When = c.When
	case NotRefusal:
		out.NotRefusal = true
	case NotEmpty:
		out.NotEmpty = true
	}
	return out, nil
}
