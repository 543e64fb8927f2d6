package forward

const (
	// messageTokens is what a message costs besides its text.
	messageTokens = 4
	// imageTokens is what a picture is taken to cost.
	imageTokens = 1000
)

// CountPrompt estimates the tokens of everything that is sent.
func CountPrompt(counter Counter, req Request) int64 {
	n := counter.CountTokens(req.System)
	for _, m := range req.Messages {
		n += messageTokens
		for _, p := range m.Parts {
			if p.Image != nil {
				n += imageTokens
				continue
			}
			n += counter.CountTokens(p.Text)
		}
		for _, c := range m.ToolCalls {
			n += messageTokens + counter.CountTokens(c.Name) + counter.CountTokens(c.Arguments)
		}
	}
	for _, t := range req.Tools {
		n += messageTokens + counter.CountTokens(t.Name+" "+t.Description) + counter.CountTokens(string(t.Parameters))
	}
	if req.Schema != nil {
		n += counter.CountTokens(string(req.Schema.JSON))
	}
	return int64(n)
}

// MostTokens is an upper bound of the prompt's tokens that needs no counting: a
// token is at least one byte.
func MostTokens(req Request) int64 {
	n := len(req.System)
	for _, m := range req.Messages {
		n += messageTokens
		for _, p := range m.Parts {
			n += len(p.Text)
			if p.Image != nil {
				n += imageTokens
			}
		}
		for _, c := range m.ToolCalls {
			n += messageTokens + len(c.Name) + len(c.Arguments)
		}
	}
	for _, t := range req.Tools {
		n += messageTokens + len(t.Name) + len(t.Description) + len(t.Parameters) + 1
	}
	if req.Schema != nil {
		n += len(req.Schema.JSON)
	}
	return int64(n)
}
