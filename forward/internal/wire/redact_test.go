package wire

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/semroute/semroute/forward"
)

func TestSecretsAreTakenOut(t *testing.T) {
	const key = "s3cr3t+/key=0123456789"
	r := newRedactor(key)
	for _, text := range []string{
		"wrong key " + key, key + key, `{"key":"` + key + `"}`, "wrong\xff key s3cr3t+\xff/key=0123456789", "wrong key " + url.QueryEscape(key), base64.StdEncoding.EncodeToString([]byte(key)),
		"cut off: " + key[:len(key)-1], "cut off: " + key[:7], strings.Repeat("x", maxText-5) + key,
	} {
		got := r.line(text, maxText)
		for n := range len(key) - 4 {
			if strings.Contains(got, key[n:n+5]) {
				t.Errorf("%.60q became %.60q…%q", text, got, got[max(0, len(got)-30):])
				break
			}
		}
		if len(got) > maxText+len("…") {
			t.Errorf("%d bytes", len(got))
		}
	}
	for _, shape := range []string{
		"Authorization: Bearer abcdefghijkl", `"authorization": "Basic QWxhZGRpbjpvcGVuc2VzYW1l"`, "x-api-key: abcdefghijkl", `{"api_key":"abcdefghijkl"}`, "Bearer abcdefghijklmnopqrst",
		"key sk-abcdefghijklmnopqrst", "key sk-ant-api03-abcdefghijkl", "AIzaabcdefghijklmnopqrstuvwxyz",
	} {
		if got := (redactor{}).line(shape, maxText); strings.Contains(got, "abcdefghijkl") || strings.Contains(got, "QWxhZGRpbjpvcGVuc2VzYW1l") {
			t.Errorf("%q became %q", shape, got)
		}
	}
	for _, plain := range []string{"no key was given", "the model is overloaded", "sk- is missing", "authorization failed", "basic tier only"} {
		if got := r.line(plain, maxText); got != plain {
			t.Errorf("%q became %q", plain, got)
		}
	}
}

func TestPiecesAreCleaned(t *testing.T) {
	const key = "a-secret-key"
	var got []forward.Piece
	emit := newRedactor(key).pieces(func(p forward.Piece) error { got = append(got, p); return nil })
	dirty := "it is " + key + "\xff"
	_ = emit(forward.Piece{Text: dirty, Reasoning: dirty, Refusal: dirty, Tool: &forward.ToolPiece{ID: dirty, Name: dirty, Arguments: dirty}})
	const clean = "it is [secret]\ufffd"
	p := got[0]
	for _, text := range []string{p.Text, p.Reasoning, p.Refusal, p.Tool.ID, p.Tool.Name, p.Tool.Arguments} {
		if text != clean {
			t.Errorf("%q", text)
		}
	}
}
