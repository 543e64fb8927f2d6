package openai_test

import (
	"net/http"
	"testing"

	"github.com/semroute/semroute/ingress/ingresstest"
)

// TestConversationsStayWithTheirModel: by their beginning, by a cache key and by
// metadata, whole and streamed, a client sees in a header whether its model changed.
func TestConversationsStayWithTheirModel(t *testing.T) {
	for name, extra := range map[string]string{
		"nothing": "", "streamed": `"stream":true,`, "a cache key": `"prompt_cache_key":"k",`, "metadata": `"metadata":{"session_id":"s"},`,
	} {
		t.Run(name, func(t *testing.T) {
			_, url := serve(t)
			messages := `{"role":"user","content":"my refund"}`
			for i, turn := range []struct{ says, model, switched string }{
				{"", "gpt", ""},
				{"and then?", "gpt", "false"},
				{"my parcel", "claude", "true"},
			} {
				if i > 0 {
					messages += `,{"role":"user","content":"` + turn.says + `"}`
				}
				status, header, answer := ingresstest.Post(t, url+"/v1/chat/completions", `{"model":"auto",`+extra+`"messages":[`+messages+`]}`)
				if status != http.StatusOK {
					t.Fatalf("%d %s", status, answer)
				}
				if model, switched := header.Get("X-Semroute-Model"), header.Get("X-Semroute-Switched"); model != turn.model || switched != turn.switched {
					t.Errorf("turn %d: %s answers, switched %q; want %s, %q", i, model, switched, turn.model, turn.switched)
				}
				said := turn.says
				if i == 0 {
					said = "my refund"
				}
				messages += `,{"role":"assistant","content":"You said: ` + said + `"}`
			}
		})
	}
}
