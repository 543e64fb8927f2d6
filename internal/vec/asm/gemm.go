package main

import (
	"encoding/binary"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const multiplySignature = "dst *float32, dstStride, height, inputs int, panel *int8, scales, bias, rowScales *float32"

// multiplyVNNI keeps the sums of up to 12 rows by 32 outputs in registers. In a
// step four inputs of every row meet a block of either panel. The fewer rows, the
// more sets of sums there are, so that enough additions are under way.
func multiplyVNNI(g gen) {
	g.function("multiplyVNNI", "func("+multiplySignature+", shift *int32, a *uint8)",
		"multiplyVNNI computes height rows, at most 12, of 32 outputs: two panels, one after the",
		"other. The activations are 128 too large, which shift takes back from the sums. Strides are",
		"in bytes. It needs AVX-512 with VNNI.")
	p := g.params("height", "inputs", "panel", "a")
	height, inputs, panel, a := p[0], p[1], p[2], p[3]
	second, left, ahead := g.GP64(), g.GP64(), g.GP64()
	g.MOVQ(inputs, second)
	g.SHLQ(Imm(4), second)
	g.MOVQ(inputs, ahead)
	g.SHLQ(Imm(5), ahead)
	g.ADDQ(panel, second)
	g.MOVQ(inputs, left)
	g.SHRQ(Imm(4), left)
	g.tiles(height, 12, func(label string, count int) {
		from := g.rowsOf(a, inputs, count)
		sets := map[int]int{1: 4, 2: 2, 3: 2, 4: 2}[count]
		sums := make([][]reg.VecVirtual, max(sets, 1))
		for s := range sums {
			sums[s] = g.zmms(2 * count)
			for _, z := range sums[s] {
				g.VPXORD(z, z, z)
			}
		}
		loop := label + "_loop"
		g.Label(loop)
		for step := range 4 {
			g.PREFETCHT0(at(panel, ahead, 1, 64*step))
			g.PREFETCHT0(at(second, ahead, 1, 64*step))
			set := sums[step%len(sums)]
			w := g.zmms(2)
			g.VMOVDQU8(at(panel, nil, 0, 64*step), w[0])
			g.VMOVDQU8(at(second, nil, 0, 64*step), w[1])
			for r := range count {
				x := g.ZMM()
				g.VPBROADCASTD(from.row(r, 4*step), x)
				g.vpdpbusd(w[0], x, set[2*r])
				g.vpdpbusd(w[1], x, set[2*r+1])
			}
		}
		g.ADDQ(I32(256), panel)
		g.ADDQ(I32(256), second)
		g.advance(from, 16)
		g.DECQ(left)
		g.JNZ(LabelRef(loop))
		for _, set := range sums[1:] {
			for i := range set {
				g.VPADDD(set[i], sums[0][i], sums[0][i])
			}
		}
		g.storeVNNI(sums[0], count)
	})
}

// storeVNNI scales the sums and stores them.
func (g gen) storeVNNI(sums []reg.VecVirtual, count int) {
	p := g.params("dst", "dstStride", "scales", "bias", "rowScales", "shift")
	dst, stride, scales, bias, rowScales, shift := p[0], p[1], p[2], p[3], p[4], p[5]
	x := g.ZMM()
	for r := range count {
		g.VBROADCASTSS(at(rowScales, nil, 0, 4*r), x)
		for half := range 2 {
			s := sums[2*r+half]
			g.VPSUBD(at(shift, nil, 0, 64*half), s, s)
			g.VCVTDQ2PS(s, s)
			g.VMULPS(x, s, s)
			g.VMULPS(at(scales, nil, 0, 64*half), s, s)
			g.VADDPS(at(bias, nil, 0, 64*half), s, s)
			g.VMOVUPS(s, at(dst, nil, 0, 64*half))
		}
		if r < count-1 {
			g.ADDQ(stride, dst)
		}
	}
}

// multiplyAVXVNNI is multiplyVNNI in 256 bits: six rows by 16 outputs, with
// registers by name, as VPDPBUSD is written in bytes.
func multiplyAVXVNNI(g gen) {
	g.function("multiplyAVXVNNI", "func("+multiplySignature+", shift *int32, a *uint8)",
		"multiplyAVXVNNI is multiplyVNNI of at most 6 rows of 16 outputs: a panel. It needs AVX-VNNI,",
		"which comes without AVX-512.")
	p := g.params("height", "inputs", "panel", "a")
	height, inputs, panel, a := p[0], p[1], p[2], p[3]
	left, ahead := g.GP64(), g.GP64()
	g.MOVQ(inputs, ahead)
	g.SHLQ(Imm(4), ahead)
	g.MOVQ(inputs, left)
	g.SHRQ(Imm(4), left)
	w, x := []reg.VecPhysical{reg.Y12, reg.Y13}, []reg.VecPhysical{reg.Y14, reg.Y15}
	all := []reg.VecPhysical{reg.Y0, reg.Y1, reg.Y2, reg.Y3, reg.Y4, reg.Y5, reg.Y6, reg.Y7, reg.Y8, reg.Y9, reg.Y10, reg.Y11}
	g.tiles(height, 6, func(label string, count int) {
		from, sums := g.rowsOf(a, inputs, count), all[:2*count]
		for _, y := range sums {
			g.VPXOR(y, y, y)
		}
		loop := label + "_loop"
		g.Label(loop)
		for step := range 4 {
			g.PREFETCHT0(at(panel, ahead, 1, 64*step))
			g.VMOVDQU(at(panel, nil, 0, 64*step), w[0])
			g.VMOVDQU(at(panel, nil, 0, 64*step+32), w[1])
			for r := range count {
				g.VPBROADCASTD(from.row(r, 4*step), x[r%2])
				g.vpdpbusdVEX(w[0], x[r%2], sums[2*r])
				g.vpdpbusdVEX(w[1], x[r%2], sums[2*r+1])
			}
		}
		g.ADDQ(I32(256), panel)
		g.advance(from, 16)
		g.DECQ(left)
		g.JNZ(LabelRef(loop))
		g.storeAVXVNNI(sums, x[0])
	})
}

func (g gen) storeAVXVNNI(sums []reg.VecPhysical, x reg.VecPhysical) {
	p := g.params("dst", "dstStride", "scales", "bias", "rowScales", "shift")
	dst, stride, scales, bias, rowScales, shift := p[0], p[1], p[2], p[3], p[4], p[5]
	for i, s := range sums {
		row, half := i/2, i%2
		if half == 0 {
			g.VBROADCASTSS(at(rowScales, nil, 0, 4*row), x)
		}
		g.VPSUBD(at(shift, nil, 0, 32*half), s, s)
		g.VCVTDQ2PS(s, s)
		g.VMULPS(x, s, s)
		g.VMULPS(at(scales, nil, 0, 32*half), s, s)
		g.VADDPS(at(bias, nil, 0, 32*half), s, s)
		g.VMOVUPS(s, at(dst, nil, 0, 32*half))
		if half == 1 && i < len(sums)-1 {
			g.ADDQ(stride, dst)
		}
	}
}

// vpdpbusdVEX is vpdpbusd of 256 bits in the encoding of AVX-VNNI, which neither
// avo nor Go's assembler knows: VEX.256.66.0F38.W0 50 /r.
func (g gen) vpdpbusdVEX(s, u, acc reg.VecPhysical) {
	g.Commentf("VPDPBUSD %s, %s, %s", s.Asm(), u.Asm(), acc.Asm())
	number := func(r reg.VecPhysical) byte { return byte(r.PhysicalIndex()) }
	inverted := func(high byte) byte { return high>>3 ^ 1 }
	prefix := []byte{
		0xc4,
		inverted(number(acc))<<7 | 1<<6 | inverted(number(s))<<5 | 0x02,
		(^number(u)&15)<<3 | 1<<2 | 1,
		0x50,
	}
	for _, i := range []*ir.Instruction{
		{Opcode: "LONG", Operands: []Op{U32(binary.LittleEndian.Uint32(prefix))}},
		{Opcode: "BYTE", Operands: []Op{U8(0xc0 | number(acc)&7<<3 | number(s)&7)}},
	} {
		g.Instruction(i)
	}
}

// multiplyAVX2 keeps the sums of up to four rows by eight outputs. Weights are
// widened to 16 bits and multiplied by four inputs of a row, whose products are
// added in pairs: the sums of an output are two neighbours until the end.
func multiplyAVX2(g gen) {
	g.function("multiplyAVX2", "func("+multiplySignature+", a *int16)",
		"multiplyAVX2 computes height rows, at most 4, of 8 outputs: the half of a panel. Strides are",
		"in bytes. It needs AVX2.")
	p := g.params("height", "inputs", "panel", "a")
	height, inputs, panel, a := p[0], p[1], p[2], p[3]
	left, stride := g.GP64(), g.GP64()
	g.MOVQ(inputs, left)
	g.SHRQ(Imm(3), left)
	g.MOVQ(inputs, stride)
	g.SHLQ(Imm(1), stride)
	g.tiles(height, 4, func(label string, count int) {
		from := g.rowsOf(a, stride, count)
		sums := g.ymms(2 * count)
		for _, y := range sums {
			g.VPXOR(y, y, y)
		}
		loop := label + "_loop"
		g.Label(loop)
		for step := range 2 {
			x := g.ymms(count)
			for r := range x {
				g.VPBROADCASTQ(from.row(r, 8*step), x[r])
			}
			for half := range 2 {
				w, t := g.YMM(), g.YMM()
				g.VPMOVSXBW(at(panel, nil, 0, 64*step+16*half), w)
				for r := range x {
					g.VPMADDWD(x[r], w, t)
					g.VPADDD(t, sums[2*r+half], sums[2*r+half])
				}
			}
		}
		g.ADDQ(I32(128), panel)
		g.advance(from, 16)
		g.DECQ(left)
		g.JNZ(LabelRef(loop))
		g.storeAVX2(sums, count)
	})
}

// storeAVX2 adds neighbours, brings the outputs into their order, scales and
// stores them.
func (g gen) storeAVX2(sums []reg.VecVirtual, count int) {
	p := g.params("dst", "dstStride", "scales", "bias", "rowScales")
	dst, stride, scales, bias, rowScales := p[0], p[1], p[2], p[3], p[4]
	x := g.YMM()
	for r := range count {
		s := sums[2*r]
		g.VPHADDD(sums[2*r+1], s, s)
		g.VPERMQ(Imm(0xd8), s, s)
		g.VCVTDQ2PS(s, s)
		g.VBROADCASTSS(at(rowScales, nil, 0, 4*r), x)
		g.VMULPS(x, s, s)
		g.VMULPS(at(scales, nil, 0, 0), s, s)
		g.VADDPS(at(bias, nil, 0, 0), s, s)
		g.VMOVUPS(s, at(dst, nil, 0, 0))
		if r < count-1 {
			g.ADDQ(stride, dst)
		}
	}
}

func largestAVX2(g gen) {
	g.function("largestAVX2", "func(x *float32, n int) float32",
		"largestAVX2 is the largest magnitude; it needs AVX2, and n to be a multiple of 32.")
	p := g.params("x", "n")
	x, n := p[0], p[1]
	mask, top, i := g.YMM(), g.ymms(4), g.zero()
	g.VBROADCASTSS(g.ConstData("magnitude", U32(0x7fffffff)), mask)
	for _, t := range top {
		g.VXORPS(t, t, t)
	}
	g.upTo("by32", i, n, 32, func() {
		for k, t := range top {
			v := g.YMM()
			g.VANDPS(at(x, i, 4, 32*k), mask, v)
			g.VMAXPS(v, t, t)
		}
	})
	g.VMAXPS(top[1], top[0], top[0])
	g.VMAXPS(top[3], top[2], top[2])
	g.VMAXPS(top[2], top[0], top[0])
	upper, t := g.XMM(), top[0].AsX()
	g.VEXTRACTF128(Imm(1), top[0], upper)
	g.VMAXPS(upper, t, t)
	g.VPERMILPS(Imm(0x4e), t, upper)
	g.VMAXPS(upper, t, t)
	g.VPERMILPS(Imm(0xb1), t, upper)
	g.VMAXPS(upper, t, t)
	g.Store(t, g.ReturnIndex(0))
	g.end()
}

// quantizeBytes packs 32 numbers into bytes and brings them, four by four, into
// their order.
func quantizeBytes(g gen) {
	order := g.StaticGlobal("packedOrder")
	g.DataAttributes(attr.RODATA | attr.NOPTR)
	for i, from := range []uint32{0, 4, 1, 5, 2, 6, 3, 7} {
		g.AddDatum(4*i, U32(from))
	}
	g.function("quantizeBytesAVX2", "func(dst *uint8, x *float32, n int, per float32)",
		"quantizeBytesAVX2 stores per × x, rounded to even, plus 128; it needs AVX2, and n to be a",
		"multiple of 32.")
	p := g.params("dst", "x", "n")
	dst, x, n := p[0], p[1], p[2]
	per, places, flip, i := g.YMM(), g.YMM(), g.YMM(), g.zero()
	g.VBROADCASTSS(g.paramAddress("per"), per)
	g.VMOVDQU(order, places)
	g.VPBROADCASTD(g.ConstData("flip", U32(0x80808080)), flip)
	g.upTo("by32", i, n, 32, func() {
		v := g.ymms(4)
		for k := range v {
			g.VMULPS(at(x, i, 4, 32*k), per, v[k])
			g.VCVTPS2DQ(v[k], v[k])
		}
		g.VPACKSSDW(v[1], v[0], v[0])
		g.VPACKSSDW(v[3], v[2], v[2])
		g.VPACKSSWB(v[2], v[0], v[0])
		g.VPERMD(v[0], places, v[0])
		g.VPXOR(v[0], flip, v[0])
		g.VMOVDQU(v[0], at(dst, i, 1, 0))
	})
	g.end()
}

func quantizeWords(g gen) {
	g.function("quantizeWordsAVX2", "func(dst *int16, x *float32, n int, per float32)",
		"quantizeWordsAVX2 stores per × x, rounded to even; it needs AVX2, and n to be a multiple of 32.")
	p := g.params("dst", "x", "n")
	dst, x, n := p[0], p[1], p[2]
	per, i := g.YMM(), g.zero()
	g.VBROADCASTSS(g.paramAddress("per"), per)
	g.upTo("by16", i, n, 16, func() {
		v := g.ymms(2)
		for half := range v {
			g.VMULPS(at(x, i, 4, 32*half), per, v[half])
			g.VCVTPS2DQ(v[half], v[half])
		}
		g.VPACKSSDW(v[1], v[0], v[0])
		g.VPERMQ(Imm(0xd8), v[0], v[0])
		g.VMOVDQU(v[0], at(dst, i, 2, 0))
	})
	g.end()
}
