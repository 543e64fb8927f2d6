package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The numbers of nn/constants.go; a test of that package would see a difference.
var (
	cdfP = []float64{2.2146311451365364e-08, 6.356261110340711e-06, 0.00017382721125613898, 0.0047071147710084915, 0.03437390923500061, 0.398942232131958}
	cdfQ = []float64{1.1802213748524082e-06, 7.509381975978613e-05, 0.0019128452986478806, 0.02893880382180214, 0.25282832980155945, 1}
	expP = []float64{0.008312506601214409, 0.04189034178853035, 0.16667115688323975, 0.499992311000824, 1, 1}
)

const (
	cdfEnd  = 5.6
	log2e   = 1.4426950216293335
	ln2High = 0.693359375
	ln2Low  = -0.00021219444170128554
	expEnd  = -86
)

func (v vectors) coefficients(name string, values []float64) []Mem {
	out := make([]Mem, len(values))
	for i, c := range values {
		out[i] = v.constant(fmt.Sprintf("%s%d", name, i), c)
	}
	return out
}

func gelu(v vectors) {
	p, q := v.coefficients("cdfP", cdfP), v.coefficients("cdfQ", cdfQ)
	end, minusEnd, half := v.constant("cdfEnd", cdfEnd), v.constant("cdfMinusEnd", -cdfEnd), v.constant("half", .5)
	v.function("gelu"+v.suffix, "func(x *float32, n int)",
		"gelu"+v.suffix+" is geluPortable; n is a multiple of 16, more than 0.")
	params := v.params("x", "n")
	x, n := params[0], params[1]
	v.Label("next")
	for k := range v.count {
		value, t, u := v.lanes16()[0], v.lanes16()[0], v.lanes16()[0]
		v.VMOVUPS(at(x, nil, 0, v.bytes*k), value)
		v.VMINPS(end, value, t)
		v.VMAXPS(minusEnd, t, t)
		v.VMULPS(t, t, u)
		above, below := v.polynomial(u, p), v.polynomial(u, q)
		v.VDIVPS(below, above, above)
		v.VFMADD213PS(half, t, above)
		v.VMULPS(above, value, value)
		v.VMOVUPS(value, at(x, nil, 0, v.bytes*k))
	}
	v.ADDQ(I32(64), x)
	v.SUBQ(I32(16), n)
	v.JNZ(LabelRef("next"))
	v.end()
}

func layerNorm(v vectors) {
	v.function("layerNorm"+v.suffix, "func(row, factors, delta, gamma, beta *float32, n int, epsilon, per float32)",
		"layerNorm"+v.suffix+" is layerNormPortable of one row, with factors and delta or nil; per is 1/n, and n a",
		"multiple of 16, more than 0.")
	params := v.params("row", "factors", "delta", "gamma", "beta", "n")
	row, factors, delta, gamma, beta, n := params[0], params[1], params[2], params[3], params[4], params[5]
	per, i, x := v.XMM(), v.zero(), v.lanes16()
	v.VMOVSS(v.paramAddress("per"), per)
	sums := v.zeros()
	v.TESTQ(delta, delta)
	v.JZ(LabelRef("alone"))
	v.upTo("added", i, n, 16, func() {
		for k := range x {
			v.VMOVUPS(at(row, i, 4, v.bytes*k), x[k])
			f := v.lanes16()[0]
			v.VMOVUPS(at(factors, i, 4, v.bytes*k), f)
			v.VFMADD213PS(at(delta, i, 4, v.bytes*k), f, x[k])
			v.VMOVUPS(x[k], at(row, i, 4, v.bytes*k))
			v.VADDPS(x[k], sums[k], sums[k])
		}
	})
	v.JMP(LabelRef("summed"))
	v.upTo("alone", i, n, 16, func() {
		for k := range x {
			v.VADDPS(at(row, i, 4, v.bytes*k), sums[k], sums[k])
		}
	})
	v.Label("summed")
	total := v.total(sums)
	v.VMULSS(per, total, total)
	mean := v.everywhere(total)

	squares := v.zeros()
	v.XORQ(i, i)
	v.upTo("squares", i, n, 16, func() {
		for k := range x {
			v.VMOVUPS(at(row, i, 4, v.bytes*k), x[k])
			v.VSUBPS(mean[k], x[k], x[k])
			v.VFMADD231PS(x[k], x[k], squares[k])
		}
	})
	variance, one := v.total(squares), v.XMM()
	v.VMULSS(per, variance, variance)
	v.VADDSS(v.paramAddress("epsilon"), variance, variance)
	v.VSQRTSS(variance, variance, variance)
	v.VMOVSS(v.constant("one", 1), one)
	v.VDIVSS(variance, one, one)
	inverse := v.everywhere(one)

	v.XORQ(i, i)
	v.upTo("scale", i, n, 16, func() {
		for k := range x {
			v.VMOVUPS(at(row, i, 4, v.bytes*k), x[k])
			v.VSUBPS(mean[k], x[k], x[k])
			v.VMULPS(inverse[k], x[k], x[k])
			g := v.lanes16()[0]
			v.VMOVUPS(at(gamma, i, 4, v.bytes*k), g)
			v.VFMADD213PS(at(beta, i, 4, v.bytes*k), g, x[k])
			v.VMOVUPS(x[k], at(row, i, 4, v.bytes*k))
		}
	})
	v.end()
}

// softmax reads whole steps; in the last one, mask has the bits of all lanes set
// that count. The others are taken as the lowest number first, and as 0 then.
func softmax(v vectors) {
	lowest := v.constantBits("lowest", 0xff7fffff)
	exponents := v.coefficients("expP", expP)
	v.function("softmax"+v.suffix, "func(row *float32, n int, mask *uint32) (inverse float32)",
		"softmax"+v.suffix+" is softmaxPortable of one row of n numbers, a multiple of 16, more than 0,",
		"of whose last 16 those count whose mask is all ones.")
	params := v.params("row", "n", "mask")
	row, n, mask := params[0], params[1], params[2]
	last, i, x, m := v.GP64(), v.zero(), v.lanes16(), v.lanes16()
	v.MOVQ(n, last)
	v.SUBQ(Imm(16), last)
	for k := range m {
		v.VMOVUPS(at(mask, nil, 0, v.bytes*k), m[k])
	}
	v.Comment("The lanes that do not count become the lowest number.")
	for k := range x {
		v.VMOVUPS(at(row, last, 4, v.bytes*k), x[k])
		v.choose(m[k], x[k], lowest, x[k])
		v.VMOVUPS(x[k], at(row, last, 4, v.bytes*k))
	}
	tops := v.lanes16()
	for k := range tops {
		v.VMOVUPS(lowest, tops[k])
	}
	v.upTo("largest", i, n, 16, func() {
		for k := range tops {
			v.VMAXPS(at(row, i, 4, v.bytes*k), tops[k], tops[k])
		}
	})
	top := v.everywhere(v.largest(tops))

	sums := v.zeros()
	v.XORQ(i, i)
	v.upTo("powers", i, last, 16, func() {
		for k := range x {
			v.VMOVUPS(at(row, i, 4, v.bytes*k), x[k])
			v.power(x[k], top[k], exponents)
			v.VADDPS(x[k], sums[k], sums[k])
			v.VMOVUPS(x[k], at(row, i, 4, v.bytes*k))
		}
	})
	for k := range x {
		v.VMOVUPS(at(row, last, 4, v.bytes*k), x[k])
		v.power(x[k], top[k], exponents)
		v.and(m[k], x[k])
		v.VADDPS(x[k], sums[k], sums[k])
		v.VMOVUPS(x[k], at(row, last, 4, v.bytes*k))
	}
	total, one := v.total(sums), v.XMM()
	v.VMOVSS(v.constant("one", 1), one)
	v.VDIVSS(total, one, one)
	v.Store(one, v.Return("inverse"))
	v.end()
}

// power replaces x by exp(x - top).
func (v vectors) power(x, top reg.VecVirtual, coefficients []Mem) {
	n := v.lanes16()[0]
	v.VSUBPS(top, x, x)
	v.VMAXPS(v.constant("expEnd", expEnd), x, x)
	v.VMULPS(v.constant("log2e", log2e), x, n)
	if v.wide {
		v.VRNDSCALEPS(Imm(8), n, n)
	} else {
		v.VROUNDPS(Imm(8), n, n)
	}
	v.VFNMADD231PS(v.constant("ln2High", ln2High), n, x)
	v.VFNMADD231PS(v.constant("ln2Low", ln2Low), n, x)
	p := v.polynomial(x, coefficients)
	v.VCVTPS2DQ(n, n)
	v.VPSLLD(Imm(23), n, n)
	v.VPADDD(n, p, x)
}

// choose is a where the mask is set, and b elsewhere.
func (v vectors) choose(mask, a reg.VecVirtual, b Mem, out reg.VecVirtual) {
	if !v.wide {
		other := v.YMM()
		v.VMOVUPS(b, other)
		v.VBLENDVPS(mask, a, other, out)
		return
	}
	other := v.ZMM()
	v.VPANDND(b, mask, other)
	v.VPANDD(mask, a, out)
	v.VPORD(other, out, out)
}

func (v vectors) and(mask, x reg.VecVirtual) {
	if v.wide {
		v.VPANDD(mask, x, x)
	} else {
		v.VANDPS(mask, x, x)
	}
}

// largest is the largest of 16 lanes.
func (v vectors) largest(x []reg.VecVirtual) reg.Register {
	if v.wide {
		upper := v.YMM()
		v.VEXTRACTF64X4(Imm(1), x[0], upper)
		v.VMAXPS(upper, x[0].AsY(), x[0].AsY())
	} else {
		v.VMAXPS(x[1], x[0], x[0])
	}
	upper, t := v.XMM(), x[0].AsX()
	v.VEXTRACTF128(Imm(1), x[0].AsY(), upper)
	v.VMAXPS(upper, t, t)
	v.VPERMILPS(Imm(0x4e), t, upper)
	v.VMAXPS(upper, t, t)
	v.VPERMILPS(Imm(0xb1), t, upper)
	v.VMAXPS(upper, t, t)
	return t
}

const productSignature = "func(dst, a, b *float32, dstStride, aStride, height, inner int, scales *float32)"

// productAVX512 keeps up to 12 rows of 16 columns in registers; a step is a row of
// b and a column of a.
func productAVX512(g gen) {
	g.function("productAVX512", productSignature,
		"productAVX512 is productPortable of height rows, at most 12, and a panel of b. Strides are in",
		"bytes. It needs AVX-512.")
	g.product(12, 1, g.ZMM)
}

func productAVX2(g gen) {
	g.function("productAVX2", productSignature,
		"productAVX2 is the same of at most 6 rows; it needs AVX2 and FMA.")
	g.product(6, 2, g.YMM)
}

func (g gen) product(most, columns int, register func() reg.VecVirtual) {
	p := g.params("dst", "a", "b", "dstStride", "aStride", "height", "inner", "scales")
	dst, a, b, dstStride, aStride, height, inner, scales := p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7]
	width := 64 / columns
	g.tiles(height, most, func(label string, count int) {
		from := g.rowsOf(a, aStride, count)
		sums := make([]reg.VecVirtual, count*columns)
		for i := range sums {
			sums[i] = register()
			if columns == 1 {
				g.VPXORD(sums[i], sums[i], sums[i])
			} else {
				g.VXORPS(sums[i], sums[i], sums[i])
			}
		}
		loop := label + "_loop"
		g.Label(loop)
		y := make([]reg.VecVirtual, columns)
		for c := range y {
			y[c] = register()
			g.VMOVUPS(at(b, nil, 0, width*c), y[c])
		}
		for r := range count {
			x := register()
			g.VBROADCASTSS(from.row(r, 0), x)
			for c := range y {
				g.VFMADD231PS(y[c], x, sums[r*columns+c])
			}
		}
		g.ADDQ(I32(64), b)
		g.advance(from, 4)
		g.DECQ(inner)
		g.JNZ(LabelRef(loop))
		for r := range count {
			x := register()
			g.VBROADCASTSS(at(scales, nil, 0, 4*r), x)
			for c := range y {
				s := sums[r*columns+c]
				g.VMULPS(x, s, s)
				g.VMOVUPS(s, at(dst, nil, 0, width*c))
			}
			if r < count-1 {
				g.ADDQ(dstStride, dst)
			}
		}
	})
}
