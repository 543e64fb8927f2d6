package importer

import (
	"fmt"
	"strings"

	"github.com/semroute/semroute/routes"
)

// Pair is what RouteLLM is started with: a strong and a weak model, in LiteLLM's words
// such as "openai/gpt-4o", and the addresses of their servers where they are not the
// providers' own.
type Pair struct {
	Strong, Weak       string
	StrongURL, WeakURL string
}

// hard are prompts that ask for the strong model, to begin with.
var hard = []string{
	"prove that the square root of two is irrational", "write a thread-safe cache in go and explain the trade-offs",
	"find the bug in this concurrent code", "design a database schema for a booking system",
	"derive the gradient of the softmax cross entropy", "compare three architectures for this service and recommend one",
	"explain step by step why this algorithm runs in n log n", "refactor this module so that it can be tested",
	"solve this system of differential equations", "plan the migration of our monolith to services",
	"which of these contracts exposes us to more risk and why", "write a parser for this grammar",
}

// easy are prompts that the weak one answers as well.
var easy = []string{
	"hello there", "what is the capital of france", "translate good morning into spanish", "give me a synonym for happy",
	"what time zone is london in", "fix the spelling of this sentence", "thanks for your help", "who wrote romeo and juliet",
	"how many grams are in a pound", "shorten this sentence", "what does asap mean", "tell me a joke",
}

// RouteLLM makes a catalog of a pair of models: a route for what the strong one is
// needed for and one for the rest, with examples to replace by your own. Its trained
// routers and their thresholds cannot be carried over: they predict a win rate from
// battles of other models, where a route is told by its utterances.
func RouteLLM(p Pair) (*routes.Catalog, Report, error) {
	if p.Strong == "" || p.Weak == "" {
		return nil, Report{}, fmt.Errorf("both models are needed: the strong one and the weak one")
	}
	in := newImporter("routellm")
	at := routes.Position{File: "routellm"}
	for _, m := range []struct{ name, model, url string }{{"weak", p.Weak, p.WeakURL}, {"strong", p.Strong, p.StrongURL}} {
		model := routes.Model{Name: m.name, Model: m.model, Provider: routes.OpenAI, BaseURL: m.url}
		prefix, rest, prefixed := strings.Cut(m.model, "/")
		provider, known := protocols[prefix]
		switch {
		case prefixed && known:
			model.Provider, model.Model = provider, rest
		case prefixed && m.url != "":
			model.Model = rest
		case prefixed:
			return nil, Report{}, fmt.Errorf("%s has another protocol: give the address of a server of %s that speaks OpenAI's", prefix, m.model)
		case strings.HasPrefix(m.model, "claude"):
			model.Provider = routes.Anthropic
		}
		if variable := map[routes.Provider]string{routes.OpenAI: "OPENAI_API_KEY", routes.Anthropic: "ANTHROPIC_API_KEY"}[model.Provider]; m.url == "" {
			model.APIKeyEnv = variable
		}
		in.model(at, model)
	}
	for _, text := range hard {
		in.add(text, "hard", at)
	}
	for _, text := range easy {
		in.add(text, "easy", at)
	}
	in.extra["hard"] = routes.Route{Description: "what the strong model is needed for", Models: []string{"strong", "weak"}}
	in.extra["easy"] = routes.Route{Description: "what the weak model answers as well", Models: []string{"weak", "strong"}}
	in.fallback.Models = []string{"weak", "strong"}
	in.warn(at, "the examples are ours: replace them by prompts of yours, or let scores of both models choose (`strategy: quality`, docs/forwarding.md)")
	in.warn(at, "routers and thresholds of RouteLLM are not carried over: `semroute fit --precision` finds the confidence from which on a route is taken")
	return in.finish()
}
