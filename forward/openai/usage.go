package openai

import (
	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/forward/internal/wire"
)

// counts are the tokens that an answer's usages tell. Each counts from the
// beginning of the answer, so the last one is right and none is added to
// another.
type counts struct {
	prompt, completion, total, reasoning, cached, written wire.Count
}

// take reads the usage of a chunk, or of a choice, wherever it stands.
func (c *counts) take(v gjson.Result) {
	for _, path := range []string{"usage", "x_groq.usage"} {
		u := v.Get(path)
		switch {
		case u.IsObject():
			c.takeUsage(u)
		case u.Exists() && u.Type != gjson.Null:
			c.prompt.Unreadable = c.prompt.N == 0
		}
	}
}

func (c *counts) takeUsage(u gjson.Result) {
	c.prompt.Take(u.Get("prompt_tokens"), u.Get("input_tokens"))
	c.completion.Take(u.Get("completion_tokens"), u.Get("output_tokens"))
	c.total.Take(u.Get("total_tokens"))
	c.reasoning.Take(u.Get("completion_tokens_details.reasoning_tokens"), u.Get("output_tokens_details.reasoning_tokens"), u.Get("reasoning_tokens"))
	c.cached.Take(
		u.Get("prompt_tokens_details.cached_tokens"), u.Get("input_tokens_details.cached_tokens"),
		u.Get("prompt_cache_hit_tokens"), u.Get("cache_read_input_tokens"), u.Get("cached_tokens"),
	)
	c.written.Take(
		u.Get("prompt_tokens_details.cache_write_tokens"), u.Get("prompt_tokens_details.cache_creation_tokens"),
		u.Get("cache_creation_input_tokens"), u.Get("cache_write_tokens"),
	)
}

// mostThoughts is more than any model thinks: a total that is larger by more is a
// mistake.
const mostThoughts = 1 << 20

// usage is what the answer took. Servers do not agree whether cached tokens are
// among the prompt's, and reasoning among the completion's: the total tells.
func (c *counts) usage() forward.Usage {
	input, output := c.prompt.N, c.completion.N
	cached, written, reasoning := c.cached.N, c.written.N, c.reasoning.N
	caches := wire.Sum(cached, written)
	rest := c.total.N - wire.Sum(input, output)
	if rest > mostThoughts {
		rest = 0
	}
	switch {
	case input < 0 || output < 0 || caches < 0 || reasoning < 0:
	case caches > input, caches > 0 && caches == rest: // counted beside the prompt
		input, rest = wire.Sum(input, caches), rest-caches
	}
	switch {
	case input <= 0 || output < 0 || reasoning < 0:
	case reasoning > output, reasoning > 0 && rest == reasoning:
		output = wire.Sum(output, reasoning)
	case reasoning == 0 && rest > 0 && output > 0: // thoughts that no field of their own counts
		output = wire.Sum(output, rest)
	}
	u := forward.Usage{InputTokens: input, CachedInputTokens: cached, CacheWriteTokens: written, OutputTokens: output, ReasoningTokens: reasoning}
	return wire.Doubt(u, c.prompt, c.completion)
}
