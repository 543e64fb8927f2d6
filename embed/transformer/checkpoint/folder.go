package checkpoint

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/plainfile"
)

// mostSettings bounds the size of the files beside the weights.
const mostSettings = 64 << 20

// weightsFile is where a folder has its weights.
const weightsFile = "model.safetensors"

// folder reads the files of a model's folder.
type folder string

// read reads a JSON file into v. A missing one is an error or, where it is
// optional, leaves v as it is.
func (f folder) read(name string, optional bool, v any) error {
	data, err := plainfile.Read(filepath.Join(string(f), name), mostSettings)
	if errors.Is(err, fs.ErrNotExist) {
		if optional {
			return nil
		}
		return fmt.Errorf("%w: %s has no %s", ErrCheckpoint, string(f), name)
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return f.bad(name, "%w", err)
	}
	return nil
}

func (f folder) bad(name, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %w", ErrCheckpoint, filepath.Join(string(f), name), fmt.Errorf(format, args...))
}

// OpenFolder opens a model as Hugging Face has it: config.json, tokenizer.json
// or vocab.txt, model.safetensors and what sentence-transformers says of pooling
// and prompts.
func OpenFolder(path string) (*Checkpoint, error) {
	f := folder(path)
	c := &Checkpoint{}
	for _, read := range []func(*Checkpoint) error{f.config, f.sentences, f.pooling, f.tokenizer} {
		if err := read(c); err != nil {
			return nil, err
		}
	}
	if err := c.fits(path); err != nil {
		return nil, err
	}
	if err := f.weights(c); err != nil {
		return nil, err
	}
	return c, nil
}

// Architectures that are read. They differ in where positions begin.
const (
	bert, xlmRoberta = "bert", "xlm-roberta"
	// defaultPadding is XLM-RoBERTa's pad_token_id.
	defaultPadding = 1
)

// config reads config.json.
func (f folder) config(c *Checkpoint) error {
	const name = "config.json"
	var config struct {
		ModelType    string  `json:"model_type"`
		PositionType string  `json:"position_embedding_type"`
		Activation   string  `json:"hidden_act"`
		Hidden       int     `json:"hidden_size"`
		Inner        int     `json:"intermediate_size"`
		Layers       int     `json:"num_hidden_layers"`
		Heads        int     `json:"num_attention_heads"`
		Positions    int     `json:"max_position_embeddings"`
		Vocabulary   int     `json:"vocab_size"`
		Padding      *int    `json:"pad_token_id"`
		NormEpsilon  float32 `json:"layer_norm_eps"`
	}
	if err := f.read(name, false, &config); err != nil {
		return err
	}
	switch {
	case config.ModelType != bert && config.ModelType != xlmRoberta:
		return f.bad(name, "model_type is %q; \"bert\" and \"xlm-roberta\" are read", config.ModelType)
	case config.PositionType != "" && config.PositionType != "absolute":
		return f.bad(name, "position_embedding_type is %q; only \"absolute\" is read", config.PositionType)
	case config.Activation != "gelu":
		return f.bad(name, "hidden_act is %q; only \"gelu\" is computed", config.Activation)
	}
	c.Shape = encoder.Shape{
		Layers: config.Layers, Hidden: config.Hidden, Heads: config.Heads, Inner: config.Inner,
		Positions: config.Positions, Vocabulary: config.Vocabulary, Epsilon: config.NormEpsilon,
	}
	if config.ModelType == xlmRoberta {
		padding := defaultPadding
		if config.Padding != nil {
			padding = *config.Padding
		}
		if padding < 0 || padding >= config.Positions {
			return f.bad(name, "pad_token_id is %d of max_position_embeddings %d", padding, config.Positions)
		}
		c.positionsBefore = padding + 1
		c.Shape.Positions -= c.positionsBefore
	}
	c.MaxTokens = c.Shape.Positions
	if err := c.Shape.Check(); err != nil {
		return f.bad(name, "%w", err)
	}
	return nil
}

// sentences reads what sentence-transformers wants of texts.
func (f folder) sentences(c *Checkpoint) error {
	const name = "sentence_bert_config.json"
	var lengths struct {
		Most  *int `json:"max_seq_length"`
		Lower bool `json:"do_lower_case"`
	}
	if err := f.read(name, true, &lengths); err != nil {
		return err
	}
	if lengths.Most != nil {
		if most := c.positionsBefore + c.Shape.Positions; *lengths.Most < 3 || *lengths.Most > most {
			return f.bad(name, "max_seq_length is %d, but config.json's max_position_embeddings %d", *lengths.Most, most)
		}
		c.MaxTokens = min(*lengths.Most, c.Shape.Positions)
	}
	c.Tokenizer.Lowercase = lengths.Lower
	var texts struct{ Prompts map[string]string }
	if err := f.read("config_sentence_transformers.json", true, &texts); err != nil {
		return err
	}
	c.QueryPrompt, c.DocumentPrompt = texts.Prompts["query"], texts.Prompts["document"]
	if passage, ok := texts.Prompts["passage"]; ok && c.DocumentPrompt == "" {
		c.DocumentPrompt = passage
	}
	return nil
}

// weights opens the file of the weights.
func (f folder) weights(c *Checkpoint) error {
	path := filepath.Join(string(f), weightsFile)
	file, err := plainfile.Open(path, plainfile.AnySize)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s has no %s", ErrCheckpoint, string(f), weightsFile)
	}
	if err != nil {
		return err
	}
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	s, err := openSafetensors(path, file, end)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	c.tensors, c.closer = s, file
	// Models with a head on top have their encoder under a name of its own.
	c.rename = func(name string) string { return name }
	for _, under := range []string{"bert.", "roberta."} {
		if s.has(under + "embeddings.word_embeddings.weight") {
			c.rename = func(name string) string { return under + name }
		}
	}
	return nil
}
