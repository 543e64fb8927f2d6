package openai_test

import (
	"net/http"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/semroute/semroute/ingress/ingresstest"
)

func TestEmbeddingsAreTheRoutersVectors(t *testing.T) {
	_, url := serve(t)
	for name, c := range map[string]struct {
		request string
		status  int
		path    string
		want    string
	}{
		"a text":            {`{"model":"auto","input":"a refund"}`, 200, "data.0.embedding", "[1,0]"},
		"texts":             {`{"model":"auto","input":["x","a refund"]}`, 200, "data.1.embedding", "[1,0]"},
		"usage":             {`{"model":"auto","input":["x","a refund"]}`, 200, "usage.total_tokens", "3"},
		"base64":            {`{"model":"auto","input":"a refund","encoding_format":"base64"}`, 200, "data.0.embedding", "AACAPwAAAAA="},
		"right dimensions":  {`{"model":"auto","input":"x","dimensions":2}`, 200, "data.0.embedding", "[0,1]"},
		"other dimensions":  {`{"model":"auto","input":"x","dimensions":3}`, 400, "error.param", "dimensions"},
		"an unknown model":  {`{"model":"ada","input":"x"}`, 404, "error.code", "model_not_found"},
		"tokens":            {`{"model":"auto","input":[1,2]}`, 400, "error.param", "input"},
		"nothing":           {`{"model":"auto","input":[]}`, 400, "error.param", "input"},
		"no input":          {`{"model":"auto"}`, 400, "error.param", "input"},
		"an empty text":     {`{"model":"auto","input":["x",""]}`, 400, "error.param", "input[1]"},
		"an unknown format": {`{"model":"auto","input":"x","encoding_format":"hex"}`, 400, "error.param", "encoding_format"},
	} {
		t.Run(name, func(t *testing.T) {
			status, _, answer := ingresstest.Post(t, url+"/v1/embeddings", c.request)
			if got := gjson.Get(answer, c.path).String(); status != c.status || got != c.want {
				t.Errorf("%d %s", status, answer)
			}
		})
	}
}

func TestModelsAreAllNamesThatARequestMayGive(t *testing.T) {
	_, url := serve(t)
	for path, want := range map[string]int{"/v1/models": http.StatusOK, "/v1/models/gpt-4o": http.StatusOK, "/v1/models/route:refunds": http.StatusOK, "/v1/models/nobody": http.StatusNotFound} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, response.StatusCode, want)
		}
	}
}
