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
	// Seq is given by the store when it is kept: of two with the same time, the
	// later has the larger one.
	Seq  int64
	Time time.Time
	// Decision is the id of the decision, "" where it has none.
	Decision string
	// Route is "" for none, Model "" where nobody answered.
	Route, Model, User string
	// Reason is why there is no route, "" where there is one.
	Reason string
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
	// Decided is how long the decision took, Latency how long the whole call; 0
	// where nobody has said.
	Decided, Latency time.Duration
	// Attempts are the calls to models, of which MaxAttempts are kept. They are
	// summed up; a record that is read has none, its Body tells of them.
	Attempts []Attempt
	// Prompt is what was routed. It is stored, and held until then, only as far
	// as Config.Prompts allows.
	Prompt string
	// Body is the whole record as one JSON object, without the prompt.
	Body json.RawMessage
}

// MaxAttempts bounds the attempts of a record that are kept.
const MaxAttempts = 32

// Attempt is one call to a model.
type Attempt struct {
	Model string
	// Failed: the model did not answer, or not to the end.
	Failed bool
	// Took is how long the model took.
	Took time.Duration
}

// Kept are the attempts that are kept: the first.
func (r *Record) Kept() []Attempt { return r.Attempts[:min(len(r.Attempts), MaxAttempts)] }

// attemptBytes is about what an attempt takes beside its model's name.
const attemptBytes = 64

// structBytes is about what a record takes beside its texts.
const structBytes = 256

// Bytes is about how much memory the record takes.
func (r *Record) Bytes() int64 {
	size := structBytes + int64(len(r.Decision)+len(r.Route)+len(r.Reason)+len(r.Model)+len(r.User)+len(r.Prompt)+len(r.Body))
	for _, a := range r.Attempts {
		size += attemptBytes + int64(len(a.Model))
	}
	return size
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
