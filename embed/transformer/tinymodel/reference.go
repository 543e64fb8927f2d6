package tinymodel

import (
	"fmt"
	"math"
)

func layerName(i int) string { return fmt.Sprintf("encoder.layer.%d.", i) }

// Reference is the unit vector of a text's tokens, computed in float64 as the
// papers write it.
func (m *Model) Reference(ids []uint32) []float64 {
	hidden := m.Shape.Hidden
	x := make([][]float64, len(ids))
	for t, id := range ids {
		x[t] = make([]float64, hidden)
		for j := range x[t] {
			x[t][j] = m.at("embeddings.word_embeddings.weight", int(id)*hidden+j) +
				m.at("embeddings.position_embeddings.weight", (m.before+t)*hidden+j) + m.at("embeddings.token_type_embeddings.weight", j)
		}
		m.norm(x[t], "embeddings.LayerNorm")
	}
	for i := range m.Shape.Layers {
		m.layer(x, layerName(i))
	}
	sum := x[0]
	for _, row := range x[1:] {
		for j := range row {
			if m.Pooling == "mean" {
				sum[j] += row[j]
			}
		}
	}
	var square float64
	for _, v := range sum {
		square += v * v
	}
	for j := range sum {
		sum[j] /= math.Sqrt(square)
	}
	return sum
}

func (m *Model) at(name string, i int) float64 { return float64(m.Tensors[name].Values[i]) }

func (m *Model) norm(x []float64, name string) {
	var mean, variance float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	for j := range x {
		x[j] = (x[j]-mean)/math.Sqrt(variance+float64(m.Shape.Epsilon))*m.at(name+".weight", j) + m.at(name+".bias", j)
	}
}

func (m *Model) linear(x []float64, name string) []float64 {
	y := make([]float64, m.Tensors[name+".bias"].Dimensions[0])
	for o := range y {
		y[o] = m.at(name+".bias", o)
		for j, v := range x {
			y[o] += v * m.at(name+".weight", o*len(x)+j)
		}
	}
	return y
}

func (m *Model) layer(x [][]float64, at string) {
	mixed := m.attention(x, at+"attention.self.")
	for t := range x {
		m.addNormed(x[t], m.linear(mixed[t], at+"attention.output.dense"), at+"attention.output.LayerNorm")
		inner := m.linear(x[t], at+"intermediate.dense")
		for j, v := range inner {
			inner[j] = v / 2 * (1 + math.Erf(v/math.Sqrt2))
		}
		m.addNormed(x[t], m.linear(inner, at+"output.dense"), at+"output.LayerNorm")
	}
}

func (m *Model) addNormed(x, delta []float64, name string) {
	for j := range x {
		x[j] += delta[j]
	}
	m.norm(x, name)
}

func (m *Model) attention(x [][]float64, at string) [][]float64 {
	q, k, v := make([][]float64, len(x)), make([][]float64, len(x)), make([][]float64, len(x))
	for t := range x {
		q[t], k[t], v[t] = m.linear(x[t], at+"query"), m.linear(x[t], at+"key"), m.linear(x[t], at+"value")
	}
	width := m.Shape.Hidden / m.Shape.Heads
	mixed := make([][]float64, len(x))
	for t := range x {
		mixed[t] = make([]float64, m.Shape.Hidden)
		for from := 0; from < m.Shape.Hidden; from += width {
			weights, total := make([]float64, len(x)), 0.0
			for u := range x {
				var score float64
				for j := from; j < from+width; j++ {
					score += q[t][j] * k[u][j]
				}
				weights[u] = math.Exp(score / math.Sqrt(float64(width)))
				total += weights[u]
			}
			for u := range x {
				for j := from; j < from+width; j++ {
					mixed[t][j] += weights[u] / total * v[u][j]
				}
			}
		}
	}
	return mixed
}
