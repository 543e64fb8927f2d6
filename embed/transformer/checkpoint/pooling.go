package checkpoint

import (
	"path"
	"strings"

	"github.com/semroute/semroute/embed/transformer/encoder"
)

// poolingConfig is what sentence-transformers writes of pooling: a switch for
// each mode or, of late, the mode's name.
type poolingConfig struct {
	Dimension int    `json:"word_embedding_dimension"`
	Mode      string `json:"pooling_mode"`
	CLS       bool   `json:"pooling_mode_cls_token"`
	Mean      bool   `json:"pooling_mode_mean_tokens"`
	Max       bool   `json:"pooling_mode_max_tokens"`
	MeanSqrt  bool   `json:"pooling_mode_mean_sqrt_len_tokens"`
	Weighted  bool   `json:"pooling_mode_weightedmean_tokens"`
	Last      bool   `json:"pooling_mode_lasttoken"`
}

// mode is the one pooling that is asked for; empty for none, several or one that
// is not computed.
func (p *poolingConfig) mode() encoder.Pooling {
	switch {
	case p.Max, p.MeanSqrt, p.Weighted, p.Last, p.Mean && p.CLS:
		return ""
	case p.Mean, p.Mode == string(encoder.Mean):
		return encoder.Mean
	case p.CLS, p.Mode == string(encoder.CLS):
		return encoder.CLS
	}
	return ""
}

// pooling reads how vectors of tokens become one. Without it a model's vectors
// would be bad ones, so it must be there.
func (f folder) pooling(c *Checkpoint) error {
	const list = "modules.json"
	var modules []struct{ Path, Type string }
	if err := f.read(list, true, &modules); err != nil {
		return err
	}
	place := "1_Pooling"
	for _, module := range modules {
		switch kind := module.Type[strings.LastIndexByte(module.Type, '.')+1:]; kind {
		case "Pooling":
			place = module.Path
		case "Transformer", "Normalize":
		default:
			return f.bad(list, "a module of type %q; Transformer, Pooling and Normalize are computed", kind)
		}
	}
	name := path.Join(path.Clean("/" + place)[1:], "config.json") // within the folder, whatever it says
	var config poolingConfig
	if err := f.read(name, false, &config); err != nil {
		return err
	}
	if config.Dimension != 0 && config.Dimension != c.Shape.Hidden {
		return f.bad(name, "word_embedding_dimension is %d, but config.json's hidden_size %d", config.Dimension, c.Shape.Hidden)
	}
	if c.Pooling = config.mode(); c.Pooling == "" {
		return f.bad(name, "pooling_mode: the mean of the tokens or the CLS token is computed, and one of them alone")
	}
	return nil
}
