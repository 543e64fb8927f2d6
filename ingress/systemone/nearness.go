package systemone

import (
	"context"
	"math"
	"strings"

	"github.com/semroute/semroute/ingress/internal/web"
)

// sharpness turns cosines into shares. Sentence embedders keep unrelated short
// texts within some tenths of a cosine of each other; nothing is fitted.
const sharpness = 20

// nearness compares texts with one state. Every text is embedded by itself, so
// that no vector depends on what else is asked.
type nearness struct {
	embedder Embedder
	state    string
	vector   []float32 // of the state; nil until it is needed
}

// shares are how near the state is to each option's text, together 1.
func (n *nearness) shares(ctx context.Context, options []option) ([]float64, error) {
	if n.vector == nil {
		if strings.TrimSpace(n.state) == "" {
			return nil, web.Bad("state", "has no text")
		}
		v, err := n.embed(ctx, n.state)
		if err != nil {
			return nil, err
		}
		n.vector = v
	}
	p := make([]float64, len(options))
	top := math.Inf(-1)
	for i, o := range options {
		v, err := n.embed(ctx, o.text)
		if err != nil {
			return nil, err
		}
		p[i] = sharpness * dot(n.vector, v)
		top = max(top, p[i])
	}
	sum := 0.0
	for i := range p {
		p[i] = math.Exp(p[i] - top)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p, nil
}

// embed is the vector of one text, of its own: what the embedder gives may be
// shared.
func (n *nearness) embed(ctx context.Context, text string) ([]float32, error) {
	vectors, _, err := n.embedder.Embed(ctx, []string{text})
	if err != nil {
		return nil, err
	}
	return vectors[0], nil
}

// dot is the cosine of unit vectors.
func dot(a, b []float32) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i]) * float64(b[i])
	}
	return sum
}
