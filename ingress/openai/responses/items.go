package responses

// messageItem, callItem and reasoningItem are what a response is made of.
type messageItem struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Status  string `json:"status"`
	Role    string `json:"role"`
	Content []any  `json:"content"`
}

type callItem struct {
	ID        string `json:"id"`
	Type      string `json:"type"`
	Status    string `json:"status"`
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type reasoningItem struct {
	ID      string    `json:"id"`
	Type    string    `json:"type"`
	Summary []summary `json:"summary"`
}

type summary struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type outputText struct {
	Type        string     `json:"type"`
	Text        string     `json:"text"`
	Annotations []struct{} `json:"annotations"`
	Logprobs    []struct{} `json:"logprobs"`
}

type refusal struct {
	Type    string `json:"type"`
	Refusal string `json:"refusal"`
}

// item is the item as it is so far.
func (b *building) item(status string) any {
	switch b.kind {
	case thoughts:
		return reasoningItem{ID: b.id, Type: "reasoning", Summary: []summary{{"summary_text", b.text.String()}}}
	case call:
		return callItem{ID: b.id, Type: "function_call", Status: status, CallID: b.callID, Name: b.name, Arguments: b.text.String()}
	case words:
	}
	return messageItem{ID: b.id, Type: "message", Status: status, Role: "assistant", Content: []any{b.part(b.text.String())}}
}

// empty is the item as it begins.
func (b *building) empty() any {
	switch b.kind {
	case thoughts:
		return reasoningItem{ID: b.id, Type: "reasoning", Summary: []summary{}}
	case call:
		return callItem{ID: b.id, Type: "function_call", Status: inProgress, CallID: b.callID, Name: b.name}
	case words:
	}
	return messageItem{ID: b.id, Type: "message", Status: inProgress, Role: "assistant", Content: []any{}}
}

// part is the one part of an item of words.
func (b *building) part(text string) any {
	if b.refuses {
		return refusal{"refusal", text}
	}
	return outputText{Type: "output_text", Text: text, Annotations: []struct{}{}, Logprobs: []struct{}{}}
}
