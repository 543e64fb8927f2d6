package openai

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"

	"github.com/semroute/semroute/ingress/internal/openaierr"
	"github.com/semroute/semroute/ingress/internal/web"
	"github.com/semroute/semroute/routes"
)

// maxInputs bounds the texts of one request, as OpenAI does.
const maxInputs = 2048

type embedding struct {
	Object    string `json:"object"`
	Index     int    `json:"index"`
	Embedding any    `json:"embedding"` // numbers, or their bytes in base64
}

// embeddings answers POST /v1/embeddings with the vectors that prompts are routed
// by.
func (h *Handler) embeddings(w http.ResponseWriter, r *http.Request) {
	fields, err := web.Fields(w, r)
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	texts, inBase64, err := readInputs(fields)
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	vectors, model, err := h.Embedder.Embed(r.Context(), texts)
	if err == nil {
		err = rightDimensions(fields, vectors)
	}
	if err != nil {
		h.errors.Fail(w, err)
		return
	}
	data, tokens := make([]embedding, len(vectors)), 0
	for i, v := range vectors {
		data[i] = embedding{Object: "embedding", Index: i, Embedding: v}
		if inBase64 {
			data[i].Embedding = inBytes(v)
		}
		tokens += h.Tokens.CountTokens(texts[i])
	}
	web.Write(w, http.StatusOK, map[string]any{
		"object": "list", "data": data, "model": model, "usage": map[string]int{"prompt_tokens": tokens, "total_tokens": tokens},
	})
}

// readInputs reads a text or a list of texts, and whether base64 is wanted.
func readInputs(fields map[string]json.RawMessage) (texts []string, inBase64 bool, err error) {
	var model, format string
	if err := web.Read(fields, "model", &model); err != nil {
		return nil, false, err
	}
	if model != "" && model != routes.Auto {
		return nil, false, openaierr.NoModel(model)
	}
	if err := web.Read(fields, "encoding_format", &format); err != nil {
		return nil, false, err
	}
	if format != "" && format != "float" && format != "base64" {
		return nil, false, web.Bad("encoding_format", "%q is not known; use float or base64", format)
	}
	var one string
	if json.Unmarshal(fields["input"], &one) == nil {
		texts = []string{one}
	} else if json.Unmarshal(fields["input"], &texts) != nil {
		return nil, false, web.Bad("input", "must be a text or a list of texts; tokens are not taken")
	}
	if len(texts) == 0 || len(texts) > maxInputs {
		return nil, false, web.Bad("input", "needs between 1 and %d texts", maxInputs)
	}
	for i, text := range texts {
		if text == "" {
			return nil, false, web.Bad(fmt.Sprintf("input[%d]", i), "is empty")
		}
	}
	return texts, format == "base64", nil
}

// rightDimensions refuses vectors of another length than the caller wants.
func rightDimensions(fields map[string]json.RawMessage, vectors [][]float32) error {
	wanted := 0
	if err := web.Read(fields, "dimensions", &wanted); err != nil {
		return err
	}
	if wanted != 0 && len(vectors) > 0 && wanted != len(vectors[0]) {
		return web.Bad("dimensions", "the embedder makes vectors of %d dimensions only", len(vectors[0]))
	}
	return nil
}

// inBytes is a vector as little-endian float32 in base64.
func inBytes(v []float32) string {
	out := make([]byte, 0, 4*len(v))
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return base64.StdEncoding.EncodeToString(out)
}
