package store

import (
	"encoding/json"
	"math"
	"strings"
	"time"
)

// Record is one decision and the call made for it: what reports sum up, and
// the whole record as its writer knows it. Amounts are nano-dollars.
type Record struct {
	Time time.Time
	// Decision is the id of the decision, "" where it has none.
	Decision string
	// Route is "" for none, Model "" where nobody answered.
	Route, Model, User string
	// Forwarded is false for a decision without a call, Failed true for a call
	// without a complete answer.
	Forwarded, Failed bool
	// Estimated: some tokens were counted here. Unpriced: some model has no
	// price. Implausible: a provider sent counts that cannot be right.
	Estimated, Unpriced, Implausible bool
	InputTokens, OutputTokens        int64
	// Answer, Wasted and Routing are what the answer, all other attempts and the
	// decision cost; Dearest is what the answer would have cost at most.
	Answer, Wasted, Routing, Dearest int64
	// Prompt is what was routed. It is stored, and held until then, only as far
	// as Config.Prompts allows.
	Prompt string
	// Body is the whole record as one JSON object, without the prompt.
	Body json.RawMessage
}

// structBytes is about what a record takes beside its texts.
const structBytes = 256

// Bytes is about how much memory the record takes.
func (r *Record) Bytes() int64 {
	return structBytes + int64(len(r.Decision)+len(r.Route)+len(r.Model)+len(r.User)+len(r.Prompt)+len(r.Body))
}

// Allowed is the record with what the policy allows to hold of its prompt. The
// key is that of the store, for hashes.
func (r Record) Allowed(policy Prompts, key []byte) Record {
	switch policy {
	case FullPrompts, RedactedPrompts:
		r.Prompt = strings.Clone(r.Prompt) // which would keep the whole request in memory
	case HashedPrompts:
		if r.Prompt != "" {
			r.Body = withPrompt(r.Body, hash(r.Prompt, key))
		}
		r.Prompt = ""
	default:
		r.Prompt = ""
	}
	return r
}

// Text is what is stored of the prompt that Allowed left; nil for nothing.
func (r *Record) Text(policy Prompts) *string {
	if r.Prompt == "" {
		return nil
	}
	text := r.Prompt
	if policy == RedactedPrompts {
		text = redact(text)
	}
	return &text
}

// withPrompt is the JSON object with a prompt that needs no escapes.
func withPrompt(object json.RawMessage, prompt string) json.RawMessage {
	end := strings.LastIndexByte(string(object), '}')
	if end < 0 {
		return object
	}
	separator := ","
	if strings.TrimSpace(string(object[:end])) == "{" {
		separator = ""
	}
	return json.RawMessage(string(object[:end]) + separator + `"prompt":"` + prompt + `"}`)
}

// Add is the sum of two amounts that are not negative (one that is counts as
// 0); what does not fit is the largest int64.
func Add(a, b int64) int64 {
	a, b = max(a, 0), max(b, 0)
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}
