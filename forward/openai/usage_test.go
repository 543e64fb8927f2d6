package openai_test

import (
	"math"

	"github.com/semroute/semroute/forward"
)

func counted(u forward.Usage) forward.Answer {
	return forward.Answer{Text: "Hello", Finish: forward.FinishStop, Usage: u}
}

func used(usage string) string {
	return data(delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":`+usage+`}`) + done
}

// usages are the places and the ways in which servers count.
var usages = map[string]sample{
	"after the last piece":   {used(`{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"before it":              {data(`{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}`, delta(`"content":"Hello"`), finish("stop")), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"with it":                {data(delta(`"content":"Hello"`), `{"choices":[{"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"completion_tokens":5}}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"with every piece":       {data(`{"choices":[{"delta":{"content":"Hel"}}],"usage":{"prompt_tokens":10,"completion_tokens":1}}`, `{"choices":[{"delta":{"content":"lo"}}],"usage":{"prompt_tokens":10,"completion_tokens":2}}`, finish("stop")), counted(forward.Usage{InputTokens: 10, OutputTokens: 2})},
	"in the choice":          {data(`{"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop","usage":{"prompt_tokens":10,"completion_tokens":5}}]}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"in x_groq":              {data(delta(`"content":"Hello"`), `{"choices":[{"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":10,"completion_tokens":5}}}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"null":                   {used(`null`), counted(forward.Usage{})},
	"zeros take nothing":     {data(`{"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5}}`, delta(`"content":"Hello"`), finish("stop"), `{"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}}`, `{"usage":{}}`, `{"usage":null}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"texts":                  {used(`{"prompt_tokens":"10","completion_tokens":"5"}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"floats":                 {used(`{"prompt_tokens":10.0,"completion_tokens":5e0}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"a fraction":             {used(`{"prompt_tokens":10.5,"completion_tokens":5}`), counted(forward.Usage{OutputTokens: 5, Implausible: true})},
	"unreadable":             {used(`{"prompt_tokens":{"a":1},"completion_tokens":"many"}`), counted(forward.Usage{Implausible: true})},
	"no object":              {used(`"a lot"`), counted(forward.Usage{Implausible: true})},
	"a list":                 {used(`[1,2]`), counted(forward.Usage{Implausible: true})},
	"unreadable, then right": {data(delta(`"content":"Hello"`), `{"usage":{"prompt_tokens":"?","completion_tokens":5}}`, finish("stop"), `{"usage":{"prompt_tokens":10}}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},
	"too large to be right":  {used(`{"prompt_tokens":9223372036854775807,"completion_tokens":1e300}`), counted(forward.Usage{InputTokens: math.MaxInt64, OutputTokens: math.MaxInt64})},
	"negative":               {used(`{"prompt_tokens":-10,"completion_tokens":5}`), counted(forward.Usage{InputTokens: -10, OutputTokens: 5})},
	"other words":            {used(`{"input_tokens":10,"output_tokens":5}`), counted(forward.Usage{InputTokens: 10, OutputTokens: 5})},

	"reasoning within":       {used(`{"prompt_tokens":32,"completion_tokens":103,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}`), counted(forward.Usage{InputTokens: 32, OutputTokens: 103, ReasoningTokens: 94})},
	"reasoning beside":       {used(`{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}`), counted(forward.Usage{InputTokens: 32, OutputTokens: 103, ReasoningTokens: 94})},
	"less reasoning beside":  {used(`{"prompt_tokens":32,"completion_tokens":90,"total_tokens":132,"completion_tokens_details":{"reasoning_tokens":10}}`), counted(forward.Usage{InputTokens: 32, OutputTokens: 100, ReasoningTokens: 10})},
	"reasoning, no total":    {used(`{"prompt_tokens":32,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":94}}`), counted(forward.Usage{InputTokens: 32, OutputTokens: 103, ReasoningTokens: 94})},
	"thoughts in the total":  {used(`{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135}`), counted(forward.Usage{InputTokens: 32, OutputTokens: 103})},
	"cached":                 {used(`{"prompt_tokens":32,"completion_tokens":9,"total_tokens":41,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":4}}`), counted(forward.Usage{InputTokens: 32, CachedInputTokens: 20, CacheWriteTokens: 4, OutputTokens: 9})},
	"cached, in other words": {used(`{"prompt_tokens":32,"completion_tokens":9,"prompt_cache_hit_tokens":20,"prompt_cache_miss_tokens":12}`), counted(forward.Usage{InputTokens: 32, CachedInputTokens: 20, OutputTokens: 9})},
	"cached beside":          {used(`{"prompt_tokens":12,"completion_tokens":9,"cache_read_input_tokens":20,"cache_creation_input_tokens":4}`), counted(forward.Usage{InputTokens: 36, CachedInputTokens: 20, CacheWriteTokens: 4, OutputTokens: 9})},
	"cached beside, by sum":  {used(`{"prompt_tokens":32,"completion_tokens":9,"total_tokens":61,"prompt_tokens_details":{"cached_tokens":20}}`), counted(forward.Usage{InputTokens: 52, CachedInputTokens: 20, OutputTokens: 9})},
}
