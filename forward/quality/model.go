package quality

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/semroute/semroute/forward"
)

const (
	// formatVersion is raised when a stored model is read in another way.
	formatVersion = 1
	// maxModelBytes bounds a stored model.
	maxModelBytes = 256 << 20
)

// Model expects a quality for each model it learnt. It is immutable and safe
// for concurrent use.
type Model struct {
	names    []string
	Version  int     `json:"version"`
	Strength float64 `json:"strength"`
	// Embedder is the fingerprint of what made the vectors; the caller sets it
	// before Save and compares it after Load.
	Embedder string               `json:"embedder"`
	Scaler   scaler               `json:"scaler"`
	Models   map[string]*estimate `json:"models"`
}

// estimate is what was learnt of one model.
type estimate struct {
	Weights     weights     `json:"weights"`
	Calibration calibration `json:"calibration"`
}

var _ forward.Predictor = (*Model)(nil)

// Names are the models that were learnt, sorted.
func (m *Model) Names() []string { return slices.Clone(m.names) }

// Dimension is the length that vectors must have.
func (m *Model) Dimension() int { return m.Scaler.Vector }

// Predict implements forward.Predictor. A vector of another length than the
// one learnt from counts as the mean vector: the words alone decide then.
func (m *Model) Predict(prompt string, vector []float32) map[string]float64 {
	known := len(vector) == m.Scaler.Vector
	if !known {
		vector = make([]float32, m.Scaler.Vector)
	}
	d := m.Scaler.apply(describe(prompt, vector))
	if !known {
		clear(d.dense[:m.Scaler.Vector])
	}
	out := make(map[string]float64, len(m.names))
	for _, name := range m.names {
		e := m.Models[name]
		out[name] = e.Calibration.apply(e.Weights.at(d))
	}
	return out
}

// Save writes the model as JSON.
func (m *Model) Save(w io.Writer) error {
	stored := *m
	stored.Version = formatVersion
	return json.NewEncoder(w).Encode(stored)
}

// Load reads what Save wrote. Anything else is ErrModel.
func Load(r io.Reader) (*Model, error) {
	limited := io.LimitReader(r, maxModelBytes)
	m := &Model{}
	if err := json.NewDecoder(limited).Decode(m); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrModel, err)
	}
	if m.Version != formatVersion {
		return nil, fmt.Errorf("%w: version %d, this program reads %d; train it again", ErrModel, m.Version, formatVersion)
	}
	width := len(m.Scaler.Mean)
	if m.Scaler.Vector < 0 || width != m.Scaler.Vector+shapes+len(cues) || len(m.Scaler.Factor) != width || len(m.Scaler.GramMean) != 1<<gramBits {
		return nil, fmt.Errorf("%w: it has the wrong shape; train it again", ErrModel)
	}
	for name, e := range m.Models {
		if e == nil || len(e.Weights.Dense) != width || len(e.Weights.Gram) != 1<<gramBits || math.IsNaN(e.Calibration.Slope) {
			return nil, fmt.Errorf("%w: what it knows of %q has the wrong shape; train it again", ErrModel, name)
		}
		m.names = append(m.names, name)
	}
	slices.Sort(m.names)
	return m, nil
}
