package ollama

import "context"

const (
	// longestTry is where shortening starts, in bytes for each token of the
	// context: about what a token of ordinary text has.
	longestTry = 4
	// maxShortenings bounds how often a refused text is shortened, by a quarter
	// each time: to fewer bytes than the context has tokens.
	maxShortenings = 8
)

func (c *call) anyMayOverflow(part []int) bool {
	for _, i := range part {
		if c.mayOverflow(c.inputs[i]) {
			return true
		}
	}
	return false
}

// longApart embeds the texts that surely fit the context in a request of their
// own and each of the others by itself.
func (c *call) longApart(ctx context.Context, part []int, why error) error {
	var fitting, long []int
	for _, i := range part {
		if c.mayOverflow(c.inputs[i]) {
			long = append(long, i)
		} else {
			fitting = append(fitting, i)
		}
	}
	if len(fitting) > 0 {
		if err := c.embed(ctx, fitting); err != nil {
			return err
		}
	}
	for _, i := range long {
		if err := c.embedLong(ctx, i, len(part) == 1, why); err != nil {
			return err
		}
	}
	return nil
}

// embedLong embeds one text that may be longer than the context: whole, unless
// that was refused already, then its two ends, shorter each time. The server is
// not asked to cut: it would keep the beginning only, and the runners of some die
// of what they cut themselves.
func (c *call) embedLong(ctx context.Context, i int, refused bool, why error) error {
	input := c.inputs[i]
	try := func(input string, cut bool) (done bool) {
		var vectors [][]float32
		if vectors, why = c.request(ctx, []string{input}, false, false); why != nil {
			return causeOf(why) != texts && causeOf(why) != runnerDied
		}
		c.batch.Vectors[i], c.batch.Truncated[i] = vectors[0], c.batch.Truncated[i] || cut
		return true
	}
	done := !refused && try(input, false)
	size := min(len(input)*3/4, longestTry*c.context)
	for range maxShortenings {
		if done {
			break
		}
		input = ends(input, size)
		done = try(input, true)
		size = len(input) * 3 / 4
	}
	switch {
	case why == nil:
		return nil
	case done:
		return c.otherwise(ctx, []int{i}, why)
	}
	return c.suspect(ctx, i, why)
}
