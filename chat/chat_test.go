package chat_test

import (
	"testing"

	"github.com/semroute/semroute/chat"
)

func TestTextIsJoinedInOneWay(t *testing.T) {
	picture := chat.Part{Image: &chat.Image{URL: "https://x/y.png"}}
	for name, c := range map[string]struct {
		parts   []chat.Part
		text    string
		nonText int
	}{
		"nothing":             {nil, "", 0},
		"one text":            {[]chat.Part{{Text: "a"}}, "a", 0},
		"texts, line by line": {[]chat.Part{{Text: "a"}, {Text: "b"}}, "a\nb", 0},
		"a picture between":   {[]chat.Part{{Text: "a"}, picture, {Text: "b"}}, "a\nb", 1},
		"only a picture":      {[]chat.Part{picture}, "", 1},
		"an unknown kind":     {[]chat.Part{{Other: "audio"}, {Text: "a"}}, "a", 1},
		"only an unknown one": {[]chat.Part{{Other: "audio"}}, "", 1},
	} {
		m := chat.Message{Role: chat.User, Parts: c.parts}
		if got := m.Text(); got != c.text {
			t.Errorf("%s: text %q, want %q", name, got, c.text)
		}
		if got := m.NonText(); got != c.nonText {
			t.Errorf("%s: %d parts are no text, want %d", name, got, c.nonText)
		}
	}
}

func TestHasImage(t *testing.T) {
	words := chat.Say(chat.User, "look")
	picture := chat.Message{Role: chat.User, Parts: []chat.Part{{Text: "at"}, {Image: &chat.Image{URL: "x"}}}}
	if chat.HasImage([]chat.Message{words}) || !chat.HasImage([]chat.Message{words, picture}) {
		t.Error("a picture is not told from words")
	}
}
