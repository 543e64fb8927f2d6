package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const lowDotSignature = "func(dst *int32, high, low *int8, picked *int32, n, dim int, qHigh, qLow *int8)"

// lowDotRowsAVX2 is one row after the other: first stages with residuals, both ways,
// and residuals with residuals, 16 components a step in 16 bits.
func lowDotRowsAVX2(g gen) {
	g.function("lowDotRowsAVX2", lowDotSignature,
		"lowDotRowsAVX2 is lowDotRowsPortable; it needs AVX2, n more than 0, and dim to be a",
		"multiple of 16.")
	g.lowDotRows("row", func(high, low, dim, qHigh, qLow reg.Register) (cross, lows reg.VecVirtual) {
		other := g.YMM()
		cross, lows = g.YMM(), g.YMM()
		for _, s := range []reg.VecVirtual{cross, other, lows} {
			g.VPXOR(s, s, s)
		}
		i := g.zero()
		g.upTo("by16", i, dim, 16, func() {
			xh, xl, h, l, t := g.YMM(), g.YMM(), g.YMM(), g.YMM(), g.YMM()
			g.VPMOVSXBW(at(qHigh, i, 1, 0), xh)
			g.VPMOVSXBW(at(qLow, i, 1, 0), xl)
			g.VPMOVSXBW(at(low, i, 1, 0), l)
			g.VPMOVSXBW(at(high, i, 1, 0), h)
			g.VPMADDWD(l, xh, t)
			g.VPADDD(t, cross, cross)
			g.VPMADDWD(l, xl, l)
			g.VPADDD(l, lows, lows)
			g.VPMADDWD(h, xl, h)
			g.VPADDD(h, other, other)
		})
		g.VPADDD(other, cross, cross)
		return cross, lows
	})
	g.end()
}

// lowDotRowsVNNI is the same with 64 components a step; two accumulators begin at
// what undoes the flip of the rows (see dotRowsI8VNNI).
func lowDotRowsVNNI(g gen) {
	g.function("lowDotRowsVNNI", lowDotSignature,
		"lowDotRowsVNNI is lowDotRowsPortable; it needs AVX-512 F, BW, VL and VNNI, n more than 0,",
		"and dim to be a multiple of 64.")
	flip, crossStart, lowStart := g.flip(), g.ZMM(), g.ZMM()
	g.VPXORD(crossStart, crossStart, crossStart)
	g.VPXORD(lowStart, lowStart, lowStart)
	p := g.params("dim", "qHigh", "qLow")
	dim, qHigh, qLow := p[0], p[1], p[2]
	i := g.zero()
	g.upTo("bias", i, dim, 64, func() {
		xh, xl := g.ZMM(), g.ZMM()
		g.VMOVDQU8(at(qHigh, i, 1, 0), xh)
		g.vpdpbusd(xh, flip, crossStart)
		g.VMOVDQU8(at(qLow, i, 1, 0), xl)
		g.vpdpbusd(xl, flip, lowStart)
	})
	g.VPADDD(lowStart, crossStart, crossStart)
	zero := g.ZMM()
	g.VPXORD(zero, zero, zero)
	g.VPSUBD(crossStart, zero, crossStart)
	g.VPSUBD(lowStart, zero, lowStart)

	g.lowDotRows("row", func(high, low, dim, qHigh, qLow reg.Register) (reg.VecVirtual, reg.VecVirtual) {
		cross, other, lows := g.ZMM(), g.ZMM(), g.ZMM()
		g.VMOVDQA64(crossStart, cross)
		g.VPXORD(other, other, other)
		g.VMOVDQA64(lowStart, lows)
		g.XORQ(i, i)
		g.upTo("by64", i, dim, 64, func() {
			xh, xl, l, h := g.ZMM(), g.ZMM(), g.ZMM(), g.ZMM()
			g.VMOVDQU8(at(qHigh, i, 1, 0), xh)
			g.VMOVDQU8(at(qLow, i, 1, 0), xl)
			g.VPXORD(at(low, i, 1, 0), flip, l)
			g.vpdpbusd(xh, l, cross)
			g.vpdpbusd(xl, l, lows)
			g.VPXORD(at(high, i, 1, 0), flip, h)
			g.vpdpbusd(xl, h, other)
		})
		g.VPADDD(other, cross, cross)
		g.fold(cross)
		g.fold(lows)
		both := halves([]reg.VecVirtual{cross, lows})
		return both[0], both[1]
	})
	g.end()
}

// lowDotRows repeats a row's sums for all picked rows and stores the two.
func (g gen) lowDotRows(label string, row func(high, low, dim, qHigh, qLow reg.Register) (cross, lows reg.VecVirtual)) {
	p := g.params("dst", "high", "low", "picked", "n", "dim", "qHigh", "qLow")
	dst, highs, lows, picked, n, dim, qHigh, qLow := p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]
	high, low := g.GP64(), g.GP64()
	g.Label(label)
	g.MOVLQSX(at(picked, nil, 0, 0), high)
	g.IMULQ(dim, high)
	g.LEAQ(at(lows, high, 1, 0), low)
	g.LEAQ(at(highs, high, 1, 0), high)
	a, b := row(high, low, dim, qHigh, qLow)
	upper, x := g.XMM(), a.AsX()
	g.VPHADDD(b, a, a)
	g.VEXTRACTI128(Imm(1), a, upper)
	g.VPADDD(upper, x, x)
	g.VPHADDD(x, x, x)
	g.VMOVQ(x, at(dst, nil, 0, 0))
	g.ADDQ(I32(8), dst)
	g.ADDQ(I32(4), picked)
	g.DECQ(n)
	g.JNZ(LabelRef(label))
}
