// Package checkpoint reads the models of others: folders of Hugging Face and
// files of llama.cpp (GGUF), as Ollama keeps them.
//
// It promises that what it cannot read rightly is an error that names the file
// and the field: a missing or contradicting file, another architecture, a
// truncated tensor, a vocabulary of another size. It allocates no more than the
// files' sizes, whatever they say. Weights come as float32, one tensor at a time;
// whether they are finite and what becomes of them is left to the caller.
package checkpoint

import (
	"errors"
	"fmt"
	"io"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/embed/transformer/unigram"
	"github.com/semroute/semroute/embed/transformer/wordpiece"
)

// ErrCheckpoint is what every error about a model's files wraps, apart from the
// system's own.
var ErrCheckpoint = errors.New("bad model")

// Checkpoint is an open model. Close it after the last tensor was read.
type Checkpoint struct {
	Shape   encoder.Shape
	Pooling encoder.Pooling
	// Tokenizer is that of a WordPiece vocabulary, Unigram that of SentencePiece's;
	// where the latter is there, the former is empty.
	Tokenizer wordpiece.Config
	Unigram   *unigram.Config
	// MaxTokens is how many tokens a text has at most, those around it counted.
	MaxTokens int
	// QueryPrompt and DocumentPrompt are what the model says it wants in front
	// of texts.
	QueryPrompt, DocumentPrompt string

	// positionsBefore is how many rows of the positions are of no token: those of
	// XLM-RoBERTa begin behind the padding's.
	positionsBefore int
	tensors         tensors
	// rename gives a tensor's name in the file.
	rename func(name string) string
	closer io.Closer
}

// Close gives back the files.
func (c *Checkpoint) Close() error { return c.closer.Close() }

// tensors are those of a file.
type tensors interface {
	// read gives a tensor of as many values, whatever number type it is of; rows
	// is 0 for one without rows.
	read(name string, rows, columns int) ([]float32, error)
}

// Matrix is the tensor of this name, row-major; names are those that Hugging
// Face gives BERT, from "embeddings.word_embeddings.weight" on.
func (c *Checkpoint) Matrix(name string, rows, columns int) ([]float32, error) {
	return c.tensors.read(c.rename(name), rows, columns)
}

// Vector is the tensor of this name, which has one dimension.
func (c *Checkpoint) Vector(name string, length int) ([]float32, error) {
	return c.tensors.read(c.rename(name), 0, length)
}

// Positions are the rows of the positions of the tokens, from that of the first
// one on: Shape.Positions × Shape.Hidden.
func (c *Checkpoint) Positions() ([]float32, error) {
	all, err := c.Matrix(PositionsTensor, c.positionsBefore+c.Shape.Positions, c.Shape.Hidden)
	if err != nil {
		return nil, err
	}
	return all[c.positionsBefore*c.Shape.Hidden:], nil
}

// PositionsTensor is the name of the table of the positions.
const PositionsTensor = "embeddings.position_embeddings.weight"

// tokens is the number of the vocabulary's.
func (c *Checkpoint) tokens() int {
	if c.Unigram != nil {
		return len(c.Unigram.Pieces)
	}
	return len(c.Tokenizer.Tokens)
}

// fits compares what the files say about each other.
func (c *Checkpoint) fits(where string) error {
	if err := errors.Join(c.Shape.Check(), c.Pooling.Check()); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrCheckpoint, where, err)
	}
	if c.tokens() > c.Shape.Vocabulary {
		return fmt.Errorf("%w: %s: a vocabulary of %d tokens, but vectors for %d", ErrCheckpoint, where, c.tokens(), c.Shape.Vocabulary)
	}
	if c.MaxTokens < 3 {
		return fmt.Errorf("%w: %s: texts of at most %d tokens", ErrCheckpoint, where, c.MaxTokens)
	}
	return nil
}
