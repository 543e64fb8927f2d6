package nn

import "math"

// The portable forms, to the bit what the assembly computes.

func geluPortable(x []float32) {
	for i, v := range x {
		x[i] = float32(v * normalCDF(v))
	}
}

// normalCDF is Φ, within 1e-7: ½ + t·P(t²)/Q(t²), where t is x held between ±5.6;
// beyond, Φ is 0 or 1 by less than that.
func normalCDF(x float32) float32 {
	t := max(min(x, cdfEnd), -cdfEnd)
	u := float32(t * t)
	p, q := cdfP[0], cdfQ[0]
	for i := 1; i < len(cdfP); i++ {
		p, q = fma(p, u, cdfP[i]), fma(q, u, cdfQ[i])
	}
	return fma(t, p/q, 0.5)
}

// layerNormPortable adds the residual, where there is one, before it normalises.
func layerNormPortable(x []float32, added *residual, gamma, beta []float32, epsilon float32) {
	n := len(gamma)
	for first := 0; first < len(x); first += n {
		row := x[first:][:n]
		if added != nil {
			for i, d := range added.delta[first:][:n] {
				row[i] = fma(row[i], added.factors[i], d)
			}
		}
		normalizePortable(row, gamma, beta, epsilon)
	}
}

func normalizePortable(row, gamma, beta []float32, epsilon float32) {
	per := 1 / float32(len(row))
	var sums, squares [Lanes]float32
	for i, v := range row {
		sums[i%Lanes] += v
	}
	mean := float32(total(&sums) * per)
	for i, v := range row {
		d := v - mean
		squares[i%Lanes] = fma(d, d, squares[i%Lanes])
	}
	variance := float32(total(&squares) * per)
	inverse := 1 / float32(math.Sqrt(float64(variance+epsilon)))
	for i, v := range row {
		row[i] = fma(float32((v-mean)*inverse), gamma[i], beta[i])
	}
}

// total adds the lanes: the upper half onto the lower until one is left.
func total(lanes *[Lanes]float32) float32 {
	for half := Lanes / 2; half > 0; half /= 2 {
		for i := range half {
			lanes[i] += lanes[i+half]
		}
	}
	return lanes[0]
}

// softmaxPortable replaces the first columns of every row by exp(x - the row's
// largest), those after them by 0, and stores what to multiply a row with so
// that its sum is 1.
func softmaxPortable(scores matrix, rows, columns int, inverse *[tile]float32) {
	for r := range rows {
		row := scores.at[r*scores.stride:][:scores.stride]
		top := row[0]
		for _, x := range row[:columns] {
			top = max(top, x)
		}
		var sums [Lanes]float32
		for i, x := range row[:columns] {
			row[i] = exp(x - top)
			sums[i%Lanes] += row[i]
		}
		clear(row[columns:])
		inverse[r] = 1 / total(&sums)
	}
}

// exp is e to a power of at most 0, within 2e-7 of its value; below expEnd it is
// that of expEnd, which is as good as 0.
func exp(x float32) float32 {
	x = max(x, expEnd)
	n := float32(math.RoundToEven(float64(float32(x * log2e))))
	r := fma(n, -ln2Low, fma(n, -ln2High, x))
	p := expP[0]
	for _, c := range expP[1:] {
		p = fma(p, r, c)
	}
	return math.Float32frombits(math.Float32bits(p) + uint32(int32(n))<<23)
}

// productPortable stores a·b in dst, row r times scales[r]: rows × inner times
// inner × columns. Panels are b, 16 columns after the other, so that a panel's
// rows follow each other in memory.
func productPortable(dst, a matrix, panels []float32, rows, inner, columns int, scales *[tile]float32) {
	for r := range rows {
		out := dst.at[r*dst.stride:][:columns]
		clear(out)
		for k, x := range a.at[r*a.stride:][:inner] {
			for i := range out {
				out[i] = fma(x, panels[i/Lanes*Lanes*inner+k*Lanes+i%Lanes], out[i])
			}
		}
		for i := range out {
			out[i] *= scales[r]
		}
	}
}
