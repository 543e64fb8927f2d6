package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/plainfile"
)

// OpenGGUF opens a model of llama.cpp with F32, F16 or BF16 weights.
func OpenGGUF(path string) (*Checkpoint, error) {
	file, err := plainfile.Open(path, plainfile.AnySize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	if err != nil {
		return nil, err
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	c, err := bertOf(path, file, size)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	c.closer = file
	return c, nil
}

func bertOf(name string, file io.ReaderAt, size int64) (*Checkpoint, error) {
	g, err := openGGUF(name, file, size)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{tensors: g, rename: ggufName}
	if err := g.shape(c); err != nil {
		return nil, err
	}
	if err := g.tokenizer(c); err != nil {
		return nil, err
	}
	c.Shape.Vocabulary = c.tokens() // the table has to be as long
	c.MaxTokens = c.Shape.Positions
	return c, c.fits(name)
}

// whole is a setting that is a whole number.
func (g *gguf) whole(name string, to *int) error {
	value, ok := g.settings[name].(float64)
	if !ok || value < 0 || value > 1<<31 || value != float64(int(value)) {
		return g.bad("%s: %v is no size", name, g.settings[name])
	}
	*to = int(value)
	return nil
}

func (g *gguf) shape(c *Checkpoint) error {
	if architecture := g.settings["general.architecture"]; architecture != "bert" {
		return g.bad("general.architecture is %q; only \"bert\" is read", fmt.Sprint(architecture))
	}
	s := &c.Shape
	for _, setting := range []struct {
		name string
		to   *int
	}{
		{"block_count", &s.Layers},
		{"embedding_length", &s.Hidden},
		{"attention.head_count", &s.Heads},
		{"feed_forward_length", &s.Inner},
		{"context_length", &s.Positions},
	} {
		if err := g.whole("bert."+setting.name, setting.to); err != nil {
			return err
		}
	}
	epsilon, ok := g.settings["bert.attention.layer_norm_epsilon"].(float64)
	if !ok {
		return g.bad("bert.attention.layer_norm_epsilon is missing")
	}
	s.Epsilon = float32(epsilon)
	switch pooling := g.settings["bert.pooling_type"]; pooling {
	case 1.0:
		c.Pooling = encoder.Mean
	case 2.0:
		c.Pooling = encoder.CLS
	default:
		return g.bad("bert.pooling_type is %v; 1, the mean, and 2, the CLS token, are computed", pooling)
	}
	return nil
}

// ggufNames maps what stands in Hugging Face's names to what llama.cpp calls it,
// in the order of replacement.
var ggufNames = strings.NewReplacer(
	"encoder.layer.", "blk.",
	"embeddings.word_embeddings", "token_embd",
	"embeddings.token_type_embeddings", "token_types",
	"embeddings.LayerNorm", "token_embd_norm",
	"embeddings.position_embeddings", "position_embd",
	"attention.self.query", "attn_q",
	"attention.self.key", "attn_k",
	"attention.self.value", "attn_v",
	"attention.output.dense", "attn_output",
	"attention.output.LayerNorm", "attn_output_norm",
	"intermediate.dense", "ffn_up",
	"output.dense", "ffn_down",
	"output.LayerNorm", "layer_output_norm",
)

func ggufName(name string) string { return ggufNames.Replace(name) }
