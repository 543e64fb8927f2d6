package engine

import (
	"os"
	"strings"
	"testing"

	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// matters are texts of no route's subject that questions come with.
var matters = map[string]string{
	"prose":   "The valley lies between two ranges of hills, and the river that formed it still floods the meadows in spring. Farmers used to move their herds up to the high pastures in May and return before the first snow. ",
	"minutes": "Anna opened the session at nine. The group went through the plan for the spring fair, and Paul reported that the hall is taken until noon. Nobody objected to the new colours of the banner.\n",
	"log":     "09:14:02 INFO worker 7 took task 5521 from queue blue\n09:14:03 INFO worker 7 wrote 2048 bytes to volume north\n",
	"recipe":  "Peel the carrots and cut them into thin slices. Heat the oil in a wide pan, add the onions and let them soften over a low flame, then stir in the rice. ",
}

// A question behind or before 8 KB of other matter is decided as it is alone, or
// not at all.
func TestLongPrompts(t *testing.T) {
	for _, name := range []string{"support", "assistant"} {
		e := staticEngine(t, example(t, name))
		data, err := os.ReadFile("../testdata/prompts/" + name + ".jsonl")
		if err != nil {
			t.Fatal(err)
		}
		prompts, err := routes.ReadLabelled(strings.NewReader(string(data)), name)
		if err != nil {
			t.Fatal(err)
		}
		for kind, matter := range matters {
			context := strings.Repeat(matter, 8<<10/len(matter)+1)
			for place, join := range map[string]func(q string) string{
				"behind":             func(q string) string { return context + "\n\n" + q },
				"before":             func(q string) string { return q + "\n\n" + context },
				"in a line behind":   func(q string) string { return context + "\n" + q },
				"in the same behind": func(q string) string { return context + q },
			} {
				right, wrong, alone := 0, 0, 0
				for _, p := range prompts {
					bare, err := e.Decide(t.Context(), router.Prompt{Text: p.Text}, router.Limits{})
					if err != nil {
						t.Fatal(err)
					}
					d, err := e.Decide(t.Context(), router.Prompt{Text: join(p.Text)}, router.Limits{})
					if err != nil {
						t.Fatal(err)
					}
					if !d.Truncated {
						t.Errorf("%s, %s %s %q: not all was looked at, and truncated does not say so", name, place, kind, p.Text)
					}
					if bare.Route == p.Route {
						alone++
					}
					switch d.Route {
					case p.Route:
						right++
					case "", bare.Route: // none, or no other mistake than without the matter
					default:
						wrong++
						t.Logf("%s, %s %s: %q is %q, decided %q (%.2f)", name, place, kind, p.Text, p.Route, d.Route, d.Confidence)
					}
				}
				t.Logf("%s, %s %s: %d right (%d alone), %d newly wrong of %d", name, place, kind, right, alone, wrong, len(prompts))
				least := 85 // of those that stand apart; others may look like a part of the matter
				if strings.HasPrefix(place, "in ") {
					least = 30
				}
				if wrong*100 > 2*len(prompts) || right*100 < least*alone {
					t.Errorf("%s, %s %s: %d right (%d alone), %d newly wrong of %d", name, place, kind, right, alone, wrong, len(prompts))
				}
			}
		}
	}
}
