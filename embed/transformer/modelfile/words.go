package modelfile

import (
	"math"

	"github.com/semroute/semroute/embed/transformer/encoder"
	"github.com/semroute/semroute/internal/vec/gemm"
)

// quantizeWords gives a table of tokens its form in 8 or 4 bits.
func quantizeWords(values []float32, rows, columns, bits int) encoder.Words {
	w := encoder.Words{Bits: bits}
	if bits == 8 {
		q, scales := gemm.QuantizeRows(values, rows, columns)
		w.Codes, w.Scales = asBytes(q), scales
		return w
	}
	for r := range rows {
		w = appendRow(w, values[r*columns:(r+1)*columns])
	}
	return w
}

const (
	// lowestCode of 4 bits stands for the largest number of a group, whichever its
	// sign: there is one more on that side.
	lowestCode  = -8
	highestCode = 7
	// Scales are tried from tightest to widest times what brings the largest number
	// to lowestCode, in so many steps: what is cut at the ends rounds the rest less.
	tightest, widest = .75, 1.15
	steps            = 16
)

// appendRow appends a row in 4 bits.
func appendRow(w encoder.Words, row []float32) encoder.Words {
	var top float64
	for _, v := range row {
		top = max(top, math.Abs(float64(v)))
	}
	unit := float32(top * widest / -lowestCode / math.MaxInt8) // of the groups' scales
	w.Scales = append(w.Scales, unit)
	for ; len(row) > 0; row = row[encoder.WordGroup:] {
		group := row[:encoder.WordGroup]
		scale := bestScale(group, float64(unit))
		w.Groups = append(w.Groups, byte(scale))
		const half = encoder.WordGroup / 2
		for i := range half {
			lower, upper := code(group[i], scale, float64(unit)), code(group[half+i], scale, float64(unit))
			w.Codes = append(w.Codes, byte(lower-lowestCode)|byte(upper-lowestCode)<<4)
		}
	}
	return w
}

// bestScale is the scale of a group, in units, with the least squared error.
func bestScale(group []float32, unit float64) (best int8) {
	if unit == 0 {
		return 0
	}
	var largest float64
	for _, v := range group {
		if math.Abs(float64(v)) > math.Abs(largest) {
			largest = float64(v)
		}
	}
	least := math.Inf(1)
	for step := range steps + 1 {
		wide := tightest + (widest-tightest)*float64(step)/steps
		scale := int8(max(-math.MaxInt8, min(math.MaxInt8, math.RoundToEven(largest*wide/lowestCode/unit))))
		var sum float64
		for _, v := range group {
			d := float64(code(v, scale, unit))*float64(scale)*unit - float64(v)
			sum += float64(d * d)
		}
		if sum < least {
			least, best = sum, scale
		}
	}
	return best
}

func code(v float32, scale int8, unit float64) int {
	if scale == 0 || unit == 0 {
		return 0
	}
	return int(max(lowestCode, min(highestCode, math.RoundToEven(float64(v)/(float64(scale)*unit)))))
}
