package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
)

// Prompts says what is stored of a prompt.
type Prompts string

// What can be stored of a prompt.
const (
	// NoPrompts stores nothing.
	NoPrompts Prompts = "none"
	// HashedPrompts stores a keyed hash: equal prompts can be counted, none can
	// be read. The key is in the store.
	HashedPrompts Prompts = "hash"
	// RedactedPrompts stores the text without addresses, numbers of people and
	// accounts, and keys, as far as patterns find them.
	RedactedPrompts Prompts = "redact"
	// FullPrompts stores the text.
	FullPrompts Prompts = "full"
)

func (p Prompts) known() bool {
	return p == NoPrompts || p == HashedPrompts || p == RedactedPrompts || p == FullPrompts
}

// hash is what is stored instead of a prompt.
func hash(prompt string, key []byte) string {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte(prompt))
	return "hmac-sha256:" + hex.EncodeToString(mac.Sum(nil))
}

// patterns are what is taken out of a redacted prompt, in this order.
var patterns = []struct {
	find *regexp.Regexp
	put  string
}{
	{regexp.MustCompile(`-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|$)`), "[key]"},
	{regexp.MustCompile(`\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*`), "[key]"},
	{regexp.MustCompile(`(?i)\b(smr|sk|pk|rk|xai|gsk|hf|nvapi|pplx|xox[a-z]|gh[a-z]|github_pat|glpat|akia|aiza)[-_]?[a-z0-9_-]{12,}`), "[key]"},
	{regexp.MustCompile(`(?i)\b(password|passwd|pwd|secret|token|api[-_ ]?key)(\s*(is|[:=])\s*)\S+`), "$1$2[key]"},
	{regexp.MustCompile(`(?i)\bbearer\s+\S+`), "[key]"},
	{regexp.MustCompile(`(?i)[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}`), "[email]"},
	{regexp.MustCompile(`\b[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?\b`), "[account]"},
	{regexp.MustCompile(`\b(\d{1,3}\.){3}\d{1,3}\b`), "[address]"},
	{regexp.MustCompile(`\+?\(?\d[\d ()./-]{6,}\d`), "[number]"},
	{regexp.MustCompile(`\d{5,}`), "[number]"},
}

func redact(text string) string {
	for _, p := range patterns {
		text = p.find.ReplaceAllString(text, p.put)
	}
	return text
}
