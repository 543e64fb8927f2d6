package router

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestReadEnds(t *testing.T) {
	matter := strings.Repeat("The river floods the meadows in spring. ", 200)
	tests := map[string]struct {
		text, first string
		way         way
		partly      bool
	}{
		"a question behind":         {matter + "\n\nwhere is my parcel?", "where is my parcel?", alone, true},
		"an order before":           {"summarise this article\n" + matter, "summarise this article", alone, true},
		"a question in the line":    {matter + "How long does a refund take?", "How long does a refund take?", alone, true},
		"both ask":                  {"where is my parcel?\n" + matter + "\nwho won the match?", "who won the match?", agreed, true},
		"nobody asks":               {matter, strings.TrimSpace(matter), agreed, false},
		"thanks behind":             {matter + "\n\nthanks a lot", "", agreed, false},
		"a statement of its own":    {matter + "\n\nmy printer is offline again", "my printer is offline again", alone, true},
		"no letters but characters": {strings.Repeat("。", 2000), "", agreed, false},
		"blank":                     {strings.Repeat(" ", 2000), "", agreed, false},
	}
	for name, tt := range tests {
		var r reading
		r.readEnds(tt.text)
		if r.way != tt.way || r.partly != tt.partly || tt.first != "" && strings.TrimSpace(r.room[0]) != tt.first {
			t.Errorf("%s: way %d of %d texts, partly %v, first %.60q", name, r.way, r.n, r.partly, r.room[0])
		}
	}
}

func FuzzReadEnds(f *testing.F) {
	f.Add(strings.Repeat("Ein Satz. ", 50) + "\n\nwo ist mein Paket?")
	f.Add(strings.Repeat("。ä", 500))
	f.Fuzz(func(t *testing.T, text string) {
		for text = strings.ToValidUTF8(text, "?"); len(text) > 0 && len(text) <= longPrompt; {
			text += text
		}
		var r reading
		r.readEnds(text)
		for _, one := range r.texts() {
			if !strings.Contains(text, one) || !utf8.ValidString(one) {
				t.Errorf("%q is no part of the text", one)
			}
		}
	})
}
