package catalogs

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// The made-up catalog: every route is one action on one thing.
const (
	syntheticUtterances = 100
	syntheticPrompts    = 8192
)

var (
	actions = []string{
		"cancel", "change", "find", "pay for", "compare", "renew", "report", "track",
		"translate", "book", "return", "explain", "share", "repair", "schedule",
	}
	things = []string{
		"subscription", "flight to Lisbon", "phone bill", "insurance", "parcel",
		"medical appointment", "savings account", "rental car", "recipe", "invoice",
	}
	openings = []string{
		"", "please", "can you", "could you help me", "i would like to", "how do i", "i need to",
		"what is the way to", "is it possible to", "i'm trying to", "tell me how to", "hey there,",
		"quick question:", "my wife wants to", "we have to",
	}
	qualities = []string{"", "my", "the", "that", "our old", "the second", "my mother's", "this", "the cheapest", "another"}
	// Endings make another prompt of an utterance.
	Endings = []string{
		"", "today", "before friday", "without any fees", "on my phone", "for two people", "again",
		"because it never arrived", "since i moved to Ohio", "as soon as you can", "from last month",
		"and get a receipt", "in the app", "if that is allowed", "while i am abroad", "by email", "right now",
		"with the other card", "next week", "for my son",
	}
)

// Synthetic is the catalog as YAML and prompts that are not in it. It is the
// same every time.
func Synthetic() (yaml string, prompts []string) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("routes:\n")
	said := map[string]bool{}
	for _, action := range actions {
		for _, thing := range things {
			name := strings.ReplaceAll(action+" "+thing, " ", "_")
			fmt.Fprintf(&b, "  - name: %s\n    utterances:\n", strings.ToLower(name))
			for range syntheticUtterances {
				fmt.Fprintf(&b, "      - %q\n", fresh(r, said, action, thing))
			}
		}
	}
	for range syntheticPrompts {
		prompts = append(prompts, fresh(r, said, actions[r.IntN(len(actions))], things[r.IntN(len(things))]))
	}
	return b.String(), prompts
}

// fresh is a sentence that was not said before.
func fresh(r *rand.Rand, said map[string]bool, action, thing string) string {
	for {
		words := []string{openings[r.IntN(len(openings))], action, qualities[r.IntN(len(qualities))], thing, Endings[r.IntN(len(Endings))]}
		sentence := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
		if !said[sentence] {
			said[sentence] = true
			return sentence
		}
	}
}
