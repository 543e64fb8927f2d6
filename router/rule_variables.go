package router

import (
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"github.com/abadojack/whatlanggo"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/router/sourcecode"
)

// facts is what rules know of a prompt. What costs something to find out is
// found out when a rule first asks. It serves one prompt and one goroutine.
type facts struct {
	prompt *Prompt
	text   string
	tokens TokenCounter
	now    time.Time

	counted  *int
	code     *bool
	language *string
}

var _ cel.Activation = (*facts)(nil)

// Parent is part of cel.Activation: there is none.
func (f *facts) Parent() cel.Activation { return nil }

// ResolveName gives the value of a variable of ruleEnv.
func (f *facts) ResolveName(name string) (any, bool) {
	switch name {
	case "prompt":
		return f.text, true
	case "messages":
		return f.messages(), true
	case "tokens":
		return f.tokenCount(), true
	case "metadata":
		if f.prompt.Metadata == nil {
			return map[string]string{}, true
		}
		return f.prompt.Metadata, true
	case "has_code":
		if f.code == nil {
			code := sourcecode.Present(f.text)
			f.code = &code
		}
		return *f.code, true
	case "language":
		return f.detectLanguage(), true
	case "now":
		return f.now, true
	case "user":
		return celUser(f.prompt.User), true
	}
	return nil, false
}

func (f *facts) messages() []celMessage {
	if len(f.prompt.Messages) == 0 {
		return []celMessage{{Role: string(chat.User), Text: f.prompt.Text}}
	}
	messages := make([]celMessage, len(f.prompt.Messages))
	for i := range f.prompt.Messages {
		m := &f.prompt.Messages[i]
		messages[i] = celMessage{Role: string(m.Role), Text: m.Text()}
	}
	return messages
}

// tokenCount estimates the whole conversation, because that is what a model
// will be sent.
func (f *facts) tokenCount() int {
	if f.counted == nil {
		n := 0
		for _, m := range f.messages() {
			n += f.tokens.Count(m.Text)
		}
		f.counted = &n
	}
	return *f.counted
}

// detectLanguage gives the ISO 639-1 code, or "" where the text is too short
// or too mixed to tell.
func (f *facts) detectLanguage() string {
	if f.language == nil {
		info := whatlanggo.Detect(firstBytes(f.text, 4096))
		code := ""
		if info.IsReliable() {
			code = info.Lang.Iso6391()
		}
		f.language = &code
	}
	return *f.language
}

// firstBytes cuts a text without splitting a character.
func firstBytes(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}
