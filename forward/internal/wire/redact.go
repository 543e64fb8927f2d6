package wire

import (
	"encoding/base64"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/semroute/semroute/forward"
)

const (
	// maxText bounds what is kept of an error's message, maxField the name of a
	// field.
	maxText  = 300
	maxField = 60
	redacted = "[secret]"
)

// credential is what looks like one, whosoever it is: the value of a header or
// a field that authorizes, and keys of the usual shapes.
var credential = regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+[a-z0-9._~+/=-]{16,}` +
	`|\b(?:proxy-)?authorization["']?\s*[:=]\s*["']?(?:(?:bearer|basic)\s+)?[^\s"',;}]+` +
	`|\b(?:x-)?(?:goog-)?api[-_]?key["']?\s*[:=]\s*["']?[^\s"',;}]+` +
	`|\b(?:sk|pk|rk|xai|gsk|hf|nvapi|pplx|r8|key)[-_][a-z0-9_-]{12,}|\bAIza[a-z0-9_-]{20,}`)

// redactor keeps a secret out of texts that come from upstream.
type redactor struct {
	secret string
	forms  *strings.Replacer // the secret in every form, to redacted
}

// newRedactor knows the secret as it is sent and as servers echo it.
func newRedactor(secret string) redactor {
	if secret == "" {
		return redactor{}
	}
	var pairs []string
	for _, form := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), base64.StdEncoding.EncodeToString([]byte(secret)),
	} {
		pairs = append(pairs, form, redacted)
	}
	return redactor{secret: secret, forms: strings.NewReplacer(pairs...)}
}

// whole takes the secret out of a text that is not cut.
func (r redactor) whole(text string) string {
	if r.forms == nil {
		return text
	}
	return r.forms.Replace(text)
}

// line makes a text one bounded line without secrets. It is redacted before
// anything is cut off, which could leave half a secret; half of one at the end
// goes, too, because what was read may have been cut there.
func (r redactor) line(text string, most int) string {
	text = credential.ReplaceAllString(r.whole(strings.ToValidUTF8(text, "")), redacted)
	for n := len(r.secret) - 1; n >= leastHalf; n-- {
		if strings.HasSuffix(text, r.secret[:n]) {
			text = text[:len(text)-n] + redacted
			break
		}
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// leastHalf is the shortest beginning of a secret that is worth hiding.
const leastHalf = 4

// failure cleans what an error says, in place.
func (r redactor) failure(err error) error {
	var upstream *forward.UpstreamError
	if errors.As(err, &upstream) {
		upstream.Message = r.line(upstream.Message, maxText)
		upstream.Field = r.line(upstream.Field, maxField)
	}
	return err
}

// pieces cleans the pieces of an answer: they are valid UTF-8, and one that
// holds the secret as a whole is passed on without it.
func (r redactor) pieces(emit Emit) Emit {
	clean := func(text *string) { *text = r.whole(strings.ToValidUTF8(*text, "\ufffd")) }
	return func(p forward.Piece) error {
		clean(&p.Text)
		clean(&p.Reasoning)
		clean(&p.Refusal)
		if t := p.Tool; t != nil {
			clean(&t.ID)
			clean(&t.Name)
			clean(&t.Arguments)
		}
		return emit(p)
	}
}
