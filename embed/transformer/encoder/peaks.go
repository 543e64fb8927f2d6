package encoder

import "context"

// Peaks says how far texts drive each input of the linear layers that follow a
// norm, in the order of the norms (that of the embeddings, then each layer's two; the
// last one has none after it): the largest magnitude of each column. What sticks out
// takes the other columns their bits: see Norm.Factors.
func (m *Model) Peaks(ctx context.Context, texts *Texts) ([][]float32, error) {
	w := Workspace{peaks: make([][]float32, 2*m.Shape.Layers)}
	for i := range w.peaks {
		w.peaks[i] = make([]float32, m.Shape.Hidden)
	}
	err := m.Encode(ctx, make([]float32, len(texts.Ends)*m.Shape.Hidden), texts, &w)
	return w.peaks, err
}

// quantize makes activations of what norm number i left in x.
func (w *Workspace) quantize(i, hidden int) {
	if w.peaks != nil {
		peaks := w.peaks[i]
		for j, v := range w.x {
			peaks[j%hidden] = max(peaks[j%hidden], v, -v)
		}
	}
	w.activations.Quantize(w.x, hidden)
}
