package engine

import (
	"bytes"
	"os"
	"testing"

	"github.com/rs/zerolog"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

const (
	reminder = "<system-reminder>\nAs you answer the user's questions, you can use the following context:\n# projectInstructions\n" +
		"Follow the code style of the repository. Run the linter before you commit. IMPORTANT: this may not be relevant to your task.\n</system-reminder>\n"
	editor = "\n<environment_details>\n# Visible Files\nsrc/server/main.go\n# Current Time\n9:00\n# Current Mode\n<slug>code</slug>\n</environment_details>"
)

// What an agent's tool puts around a person's words changes no decision.
func TestWrappedPromptsAreDecidedAsBareOnes(t *testing.T) {
	wrappings := map[string]func(text string) router.Prompt{
		"a reminder": func(text string) router.Prompt { return router.Prompt{Text: reminder + text} },
		"a task":     func(text string) router.Prompt { return router.Prompt{Text: "<task>\n" + text + "\n</task>" + editor} },
		"parts of a message": func(text string) router.Prompt {
			return router.Prompt{Messages: []chat.Message{{Role: chat.User, Parts: []chat.Part{{Text: reminder}, {Text: text}, {Text: editor}}}}}
		},
		"a tool's result after it": func(text string) router.Prompt {
			return router.Prompt{Messages: []chat.Message{
				chat.Say(chat.User, "<task>"+text+"</task>"+editor), chat.Say(chat.Assistant, "Let me look."),
				chat.Say(chat.User, "[read_file for 'main.go'] Result:\npackage main"+editor),
			}}
		},
	}
	for _, example := range []string{"support", "assistant"} {
		catalog, err := routes.Load("../examples/" + example)
		if err != nil {
			t.Fatal(err)
		}
		e := New(catalog, Config{Embedder: EmbedderConfig{Kind: Static}, Index: IndexConfig{Kind: Memory}, Log: zerolog.Nop()})
		if err := e.Build(t.Context()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = e.Close() })
		data, err := os.ReadFile("../testdata/prompts/" + example + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		prompts, err := routes.ReadLabelled(bytes.NewReader(data), example)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range prompts {
			bare, err := e.Decide(t.Context(), router.Prompt{Text: p.Text}, router.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			for name, wrap := range wrappings {
				d, err := e.Decide(t.Context(), wrap(p.Text), router.Limits{})
				if err != nil {
					t.Fatal(err)
				}
				if d.Route != bare.Route || d.Confidence != bare.Confidence || d.Omitted == 0 {
					t.Errorf("%s, %q in %s: %q (%.3f), %d left out; bare %q (%.3f)", example, p.Text, name, d.Route, d.Confidence, d.Omitted, bare.Route, bare.Confidence)
				}
			}
		}
	}
}
