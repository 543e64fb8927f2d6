package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/semroute/semroute/bench/measure"
	"github.com/semroute/semroute/embed/transformer"
	"github.com/semroute/semroute/embed/transformer/bgesmall"
	"github.com/semroute/semroute/embed/transformer/modelfile"
	"github.com/semroute/semroute/internal/vec"
	"github.com/semroute/semroute/internal/vec/simd"
)

// embedded is a prompt with its ids, those around it counted.
type embedded struct {
	text string
	ids  []uint32
}

const (
	fewTokens, manyTokens = 12, 128
	// mostEmbedMS is asked for fewTokens where a processor multiplies bytes.
	mostEmbedMS = 2.5
)

// embedding compares the model in the binary, on one core, with ONNX Runtime's
// 8 bits of the same weights, and with Ollama's all-MiniLM, which is half as large.
// The text becomes tokens within our figure, and not within ONNX Runtime's.
func embedding(ctx context.Context, e *env) (rows measure.Rows, err error) {
	if e.onnx == "" {
		return nil, measure.Skip("ONNX Runtime is not installed; bench/peers/run.sh installs and runs it")
	}
	model, err := transformer.Open(ctx, transformer.Config{Compiled: bgesmall.Compiled()})
	if err != nil {
		return nil, err
	}
	file, err := modelfile.ParseTrusted(bgesmall.Compiled())
	if err != nil {
		return nil, err
	}
	p, err := e.startPeer(ctx, e.onnx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	for _, tokens := range []int{fewTokens, manyTokens} {
		some, err := e.embedPrompt(ctx, model, p, promptOf(file.Tokenizer, tokens))
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// promptOf is a text of so many tokens.
func promptOf(t modelfile.Tokenizer, tokens int) embedded {
	const words = "where is my order and when will the parcel come to our new house "
	all := strings.Fields(strings.Repeat(words, tokens))
	for count := range all {
		text := strings.Join(all[:count+1], " ")
		if ids := t.Append([]uint32{t.First()}, text); len(ids)+1 == tokens {
			return embedded{text, append(ids, t.Last())}
		}
	}
	panic("each of the words is one token")
}

func (e *env) embedPrompt(ctx context.Context, model *transformer.Embedder, p *peer, prompt embedded) (measure.Rows, error) {
	count := measure.Pick(e.quick, 10, 3000/len(prompt.ids))
	asked, err := json.Marshal(map[string]any{"ids": prompt.ids, "count": count})
	if err != nil {
		return nil, err
	}
	var room []float32
	var theirs peerAnswer
	arms := []measure.Arm{
		measure.MedianArm(count, func(ctx context.Context, _ int) error {
			_, err := model.EmbedQuery(ctx, prompt.text, &room)
			return err
		}),
		func(context.Context) (float64, error) {
			theirs, err = p.ask(string(asked))
			return theirs.P50US, err
		},
	}
	few := len(prompt.ids) == fewTokens
	var absent error // why Ollama is not measured
	if few {
		var ollama measure.Arm
		if ollama, absent = e.ollamaArm(ctx, prompt.text, max(5, count/10)); absent == nil {
			arms = append(arms, ollama)
		}
	}
	v, err := measure.Alternate(ctx, measure.Pick(e.quick, 1, 7), arms...)
	if err != nil {
		return nil, err
	}
	if len(theirs.Vector) != model.Dimension() {
		return nil, fmt.Errorf("the peer's vector has %d numbers, not %d", len(theirs.Vector), model.Dimension())
	}
	of := fmt.Sprintf("%d tokens, one core, p50", len(prompt.ids))
	ours := measure.Plain("embedding of "+of, measure.Over(milli(v[0])), "ms")
	if few && (simd.VNNI() || simd.AVXVNNI()) {
		ours = measure.AtMost("embedding of "+of, measure.Over(milli(v[0])), "ms", mostEmbedMS)
	}
	note := p.version + ", int8, the same weights"
	rows := measure.Rows{
		ours.Noted("%s in process", bgesmall.Name),
		measure.Plain("ONNX Runtime's, "+of, measure.Over(milli(v[1])), "ms").Noted("%s; cosine to ours %.3f", note, vec.Dot(room, theirs.Vector)),
		measure.AtMost("ours ÷ ONNX Runtime's, "+of, measure.Divided(v[0], v[1]), "ratio", 1).Noted("%s", note),
	}
	switch what := "Ollama's " + e.ollamaModel; {
	case few && absent != nil:
		rows = append(rows, measure.Missing(what, absent.Error()))
	case few:
		rows = append(rows,
			measure.Plain(what+", the same text, p50", measure.Over(milli(v[2])), "ms").Noted("its own client, all cores"),
			measure.AtLeast(what+" ÷ ours, p50", measure.Divided(v[2], v[0]), "ratio", 3).Noted("half as many layers"))
	}
	return rows, nil
}

// ollamaArm embeds a text by Ollama; the error says why it cannot.
func (e *env) ollamaArm(ctx context.Context, text string, count int) (measure.Arm, error) {
	client, err := ollamaClient(e.ollamaHost)
	if err != nil {
		return nil, err
	}
	embed := bareEmbed(client, e.ollamaModel)
	if err := embed(ctx, text); err != nil {
		return nil, err
	}
	return measure.MedianArm(count, func(ctx context.Context, _ int) error { return embed(ctx, text) }), nil
}

func milli(micro []float64) []float64 {
	out := make([]float64, len(micro))
	for i, v := range micro {
		out[i] = v / 1000
	}
	return out
}
