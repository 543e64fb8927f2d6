package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// talk is a conversation whose last turn stays with its subject, changes it, or
// changes it to something that no route is for. Users and assistants take turns.
type talk struct {
	Example string   `json:"example"`
	Kind    string   `json:"kind"` // stay, change or none
	Turns   []string `json:"turns"`
	Route   string   `json:"route"` // empty where none fits
	Half    string   `json:"half"`  // dev: the rules were made by it; test: seen once; fresh: written afterwards
}

func readTalks(t *testing.T) []talk {
	t.Helper()
	data, err := os.ReadFile("../testdata/prompts/chats.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var talks []talk
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		var one talk
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			t.Fatal(err)
		}
		talks = append(talks, one)
	}
	return talks
}

func (c *talk) prompt() router.Prompt {
	var p router.Prompt
	for i, text := range c.Turns {
		p.Messages = append(p.Messages, chat.Say([]chat.Role{chat.User, chat.Assistant}[i%2], text))
	}
	return p
}

// rightTalks decides the talks and gives, for each half, how many came right of
// how many. Those that went wrong are logged.
func rightTalks(t *testing.T, talks []talk, embedder EmbedderConfig) (right, all map[string]int) {
	t.Helper()
	engines := map[string]*Engine{}
	for _, example := range []string{"support", "assistant"} {
		catalog, err := routes.Load("../examples/" + example)
		if err != nil {
			t.Fatal(err)
		}
		e := New(catalog, Config{Embedder: embedder, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop()})
		if err := e.Build(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		engines[example] = e
	}
	right, all = map[string]int{}, map[string]int{}
	for i := range talks {
		c := &talks[i]
		d, err := engines[c.Example].Decide(t.Context(), c.prompt(), router.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		all[c.Half]++
		if d.Route == c.Route {
			right[c.Half]++
			continue
		}
		t.Logf("%s %s %s: %q is %q, decided %q (%.2f %s, %s, of %d turns)", c.Half, c.Example, c.Kind, c.Turns, c.Route, d.Route, d.Confidence, d.Leading, d.Reason, d.Turns)
	}
	return right, all
}

// TestTalks holds with static vectors what the last turn of a conversation is
// decided to be about.
func TestTalks(t *testing.T) {
	holdTalks(t, EmbedderConfig{Kind: Static}, 92, 87)
}

// holdTalks wants a share of all talks right, in percent, and of each part.
func holdTalks(t *testing.T, embedder EmbedderConfig, all, each int) {
	t.Helper()
	rights, counts := rightTalks(t, readTalks(t), embedder)
	right, n := 0, 0
	for part, of := range counts {
		t.Logf("%s: %d of %d right", part, rights[part], of)
		if rights[part]*100 < each*of {
			t.Errorf("%s: %d of %d right, at least %d %% are wanted", part, rights[part], of, each)
		}
		right, n = right+rights[part], n+of
	}
	if n < 200 || right*100 < all*n {
		t.Errorf("%d of %d right, at least %d %% of 200 are wanted", right, n, all)
	}
}
