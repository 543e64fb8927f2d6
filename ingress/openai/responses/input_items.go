package responses

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"

	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/ingress/internal/web"
)

// callOutputItem is what a tool gave.
type callOutputItem struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Status string `json:"status"`
	CallID string `json:"call_id"`
	Output string `json:"output"`
}

// inputText and inputImage are the parts of what was asked.
type inputText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type inputImage struct {
	Type     string `json:"type"`
	ImageURL string `json:"image_url"`
	Detail   string `json:"detail"`
}

// inputItems answers GET /v1/responses/ID/input_items: what was said before the
// response, the last first unless it is asked for otherwise. All of them are one page.
func (h *Handler) inputItems(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	c, err := h.load(r.Context(), id, "id")
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	items := []any{}
	for i := range c.Messages[:max(0, len(c.Messages)-1)] { // the last is the response itself
		items = append(items, itemsOf(&c.Messages[i], fmt.Sprintf("%s_%d", id, i))...)
	}
	if r.URL.Query().Get("order") != "asc" {
		slices.Reverse(items)
	}
	list := map[string]any{"object": "list", "data": items, "has_more": false, "first_id": nil, "last_id": nil}
	if n := len(items); n > 0 {
		list["first_id"], list["last_id"] = idOf(items[0]), idOf(items[n-1])
	}
	web.Write(w, http.StatusOK, list)
}

// itemsOf are the items that a message was, named by what stands before.
func itemsOf(m *chat.Message, name string) (items []any) {
	if m.Role == chat.Tool {
		return []any{callOutputItem{ID: "fco_" + name, Type: "function_call_output", Status: completed, CallID: m.ToolCallID, Output: m.Text()}}
	}
	if len(m.Parts) > 0 {
		said := messageItem{ID: "msg_" + name, Type: "message", Status: completed, Role: string(m.Role), Content: []any{}}
		for i := range m.Parts {
			said.Content = append(said.Content, partIn(&m.Parts[i], m.Role))
		}
		items = append(items, said)
	}
	for i, c := range m.ToolCalls {
		items = append(items, callItem{ID: fmt.Sprintf("fc_%s_%d", name, i), Type: "function_call", Status: completed, CallID: c.ID, Name: c.Name, Arguments: c.Arguments})
	}
	return items
}

func partIn(p *chat.Part, role chat.Role) any {
	switch {
	case p.Image != nil && p.Image.URL != "":
		return inputImage{"input_image", p.Image.URL, "auto"}
	case p.Image != nil:
		return inputImage{"input_image", "data:" + p.Image.MediaType + ";base64," + base64.StdEncoding.EncodeToString(p.Image.Data), "auto"}
	case role == chat.Assistant:
		return outputText{Type: "output_text", Text: p.Text, Annotations: []struct{}{}, Logprobs: []struct{}{}}
	}
	return inputText{"input_text", p.Text}
}

func idOf(item any) string {
	switch it := item.(type) {
	case messageItem:
		return it.ID
	case callItem:
		return it.ID
	case callOutputItem:
		return it.ID
	}
	return ""
}
