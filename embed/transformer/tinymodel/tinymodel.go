// Package tinymodel is a model for tests: two layers of random weights, a vocabulary
// of its own, as BERT has it or as XLM-RoBERTa, written as Hugging Face and
// llama.cpp have models, and the plain arithmetic of what an encoder computes. It
// says nothing about speed or meaning.
package tinymodel

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/semroute/semroute/embed/transformer/checkpoint"
	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/modelfile"
)

// Model is the tiny model.
type Model struct {
	Shape   encoder.Shape
	Pooling encoder.Pooling
	Tokens  []string
	Scores  []float64         // of the tokens of an XLM-RoBERTa; nil for a BERT
	Tensors map[string]Tensor // by Hugging Face's names
	names   []string
	// before are the rows of the positions before those of the tokens, and types
	// the types of tokens: 0 and 2, or 2 and 1 of an XLM-RoBERTa.
	before, types int
}

// Tensor has one or two dimensions.
type Tensor struct {
	Dimensions []int
	Values     []float32
}

// words are enough for texts on a few subjects to have something in common.
const words = "refund refunds order please jazz music play red car blue sky old house number the for my is where short a"

// New makes the model, always the same.
func New(pooling encoder.Pooling) *Model {
	m := &Model{Pooling: pooling, Tokens: vocabulary(), types: 2}
	m.fill()
	return m
}

// NewXLM makes one with the vocabulary and the positions of an XLM-RoBERTa.
func NewXLM(pooling encoder.Pooling) *Model {
	m := &Model{Pooling: pooling, types: 1, before: 2}
	m.Tokens, m.Scores = pieces()
	m.fill()
	return m
}

func (m *Model) fill() {
	m.Tensors = map[string]Tensor{}
	m.Shape = encoder.Shape{Layers: 2, Hidden: 64, Heads: 4, Inner: 96, Positions: 48, Vocabulary: len(m.Tokens), Epsilon: 1e-12}
	m.addTensors(rand.New(rand.NewPCG(3, 4)))
}

func (m *Model) addTensors(r *rand.Rand) {
	s := &m.Shape
	m.add(r, "embeddings.word_embeddings.weight", 0, 1, s.Vocabulary, s.Hidden)
	m.add(r, "embeddings.position_embeddings.weight", 0, .1, m.before+s.Positions, s.Hidden)
	m.add(r, "embeddings.token_type_embeddings.weight", 0, .1, m.types, s.Hidden)
	m.addNorm(r, "embeddings.LayerNorm")
	for i := range s.Layers {
		at := layerName(i)
		for _, name := range []string{"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"} {
			m.addLinear(r, at+name, s.Hidden, s.Hidden)
		}
		m.addNorm(r, at+"attention.output.LayerNorm")
		m.addLinear(r, at+"intermediate.dense", s.Inner, s.Hidden)
		m.addLinear(r, at+"output.dense", s.Hidden, s.Inner)
		m.addNorm(r, at+"output.LayerNorm")
	}
}

func (m *Model) addLinear(r *rand.Rand, name string, outputs, inputs int) {
	m.add(r, name+".weight", 0, .1, outputs, inputs)
	m.add(r, name+".bias", 0, .1, outputs)
}

func (m *Model) addNorm(r *rand.Rand, name string) {
	m.add(r, name+".weight", 1, .1, m.Shape.Hidden)
	m.add(r, name+".bias", 0, .1, m.Shape.Hidden)
}

func (m *Model) add(r *rand.Rand, name string, mean, deviation float64, dimensions ...int) {
	count := 1
	for _, d := range dimensions {
		count *= d
	}
	t := Tensor{Dimensions: dimensions, Values: make([]float32, count)}
	for i := range t.Values {
		t.Values[i] = float32(mean + deviation*r.NormFloat64())
	}
	m.Tensors[name] = t
	m.names = append(m.names, name)
}

// Convert gives the model in the project's own form.
func (m *Model) Convert(t testing.TB) []byte {
	t.Helper()
	const usual = 8
	return m.ConvertIn(t, usual)
}

// ConvertIn is Convert with so many bits for a number of the table of tokens.
func (m *Model) ConvertIn(t testing.TB, wordBits int) []byte {
	t.Helper()
	c, err := checkpoint.OpenFolder(m.Folder(t))
	if err != nil {
		t.Fatal(err)
	}
	var data bytes.Buffer
	if err := errors.Join(modelfile.Write(&data, c, wordBits), c.Close()); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}
