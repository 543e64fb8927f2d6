package openai

import (
	"strings"

	"github.com/semroute/semroute/routes"
)

// dialect is what servers differ in.
type dialect struct {
	// maxTokens is the field that bounds an answer's tokens.
	maxTokens routes.MaxTokensField
	// streamOptions: the server takes stream_options, and so can be asked for the
	// usage of a stream.
	streamOptions bool
	// swapped: the other word for maxTokens was tried already.
	swapped bool
	// changed: it is another than the call began with.
	changed bool
}

// fixed are the parts of a dialect that the catalog says.
type fixed struct{ maxTokens, streamOptions bool }

// dialectOf is what the catalog says, else what most servers understand; OpenAI
// itself has a newer word.
func dialectOf(m routes.Model, official bool) *dialect {
	d := &dialect{maxTokens: m.MaxTokensField, streamOptions: m.StreamOptions == nil || *m.StreamOptions}
	switch {
	case d.maxTokens != "":
	case official:
		d.maxTokens = routes.MaxCompletionTokens
	default:
		d.maxTokens = routes.MaxTokens
	}
	return d
}

// without is the dialect that does without a field that was refused; false when
// there is none.
func (d dialect) without(field string, f fixed) (dialect, bool) {
	switch {
	case strings.HasPrefix(field, "stream_options") || field == "include_usage":
		ok := d.streamOptions && !f.streamOptions
		d.streamOptions, d.changed = false, true
		return d, ok
	case field == string(routes.MaxTokens), field == string(routes.MaxCompletionTokens): // a refusal may name the word that it wants
		ok := !d.swapped && !f.maxTokens
		if d.maxTokens == routes.MaxTokens {
			d.maxTokens = routes.MaxCompletionTokens
		} else {
			d.maxTokens = routes.MaxTokens
		}
		d.swapped, d.changed = true, true
		return d, ok
	}
	return d, false
}
