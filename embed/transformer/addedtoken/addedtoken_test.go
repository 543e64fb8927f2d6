package addedtoken_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/semroute/semroute/embed/transformer/addedtoken"
)

func TestNext(t *testing.T) {
	set, err := addedtoken.New([]addedtoken.Token{
		{Text: "<s>", ID: 0}, {Text: "<s>>", ID: 1}, {Text: "<mask>", ID: 2, StripLeft: true}, {Text: "<end>", ID: 3, StripRight: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"":                  "",
		"plain <text":       "",
		"a<s>b":             "<s>=0",
		"<s>>":              "<s>>=1", // the longest
		"<s><s>":            "<s>=0 <s>=0",
		"a \u00a0<mask> b":  " \u00a0<mask>=2",
		"<s> <mask>":        "<s>=0  <mask>=2", // the space is not the first one's
		"<end> \n<mask>":    "<end> \n=3 <mask>=2",
		"x<mask":            "",
		"<end>":             "<end>=3",
		"\xff<s>\xff<mask>": "<s>=0 <mask>=2",
	} {
		var found []string
		for at := 0; ; {
			start, end, id, ok := set.Next(text, at)
			if !ok {
				break
			}
			found, at = append(found, fmt.Sprintf("%s=%d", text[start:end], id)), end
		}
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestBadTokens(t *testing.T) {
	for _, tokens := range [][]addedtoken.Token{{{Text: ""}}, make([]addedtoken.Token, 257)} {
		if _, err := addedtoken.New(tokens); !errors.Is(err, addedtoken.ErrTokens) {
			t.Errorf("%d tokens: %v", len(tokens), err)
		}
	}
}
