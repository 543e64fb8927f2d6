package main

import (
	. "github.com/mmcloughlin/avo/operand"
)

// Comparisons of ordered values, without a fault for NaN.
const (
	greaterOrEqual = 0x1d
	greater        = 0x1e
)

func scoresI8(g gen) {
	g.function("scoresI8AVX2", "func(dst *float32, sums *int32, scales *float32, n int)",
		"scoresI8AVX2 multiplies sums by scales; it needs AVX2, and n to be a multiple of 8.")
	p := g.params("dst", "sums", "scales", "n")
	dst, sums, scales, n := p[0], p[1], p[2], p[3]
	i, x := g.zero(), g.YMM()
	g.upTo("by8", i, n, 8, func() {
		g.VCVTDQ2PS(at(sums, i, 4, 0), x)
		g.VMULPS(at(scales, i, 4, 0), x, x)
		g.VMOVUPS(x, at(dst, i, 4, 0))
	})
	g.end()
}

func firstAbove(g gen) {
	g.function("firstAboveAVX2", "func(values *float32, n int, limit float32) int",
		"firstAboveAVX2 needs AVX2. It returns the first hit, or where the last whole step of eight",
		"ended. NaN may hide a hit of the same step.")
	p := g.params("values", "n")
	values, by8 := p[0], p[1]
	limit, i, by32, mask := g.YMM(), g.zero(), g.GP64(), g.GP32()
	g.VBROADCASTSS(g.paramAddress("limit"), limit)
	g.MOVQ(by8, by32)
	g.SUBQ(I32(32), by32)
	g.SUBQ(I32(8), by8)

	a, b := g.YMM(), g.YMM()
	g.Label("many")
	g.CMPQ(i, by32)
	g.JGT(LabelRef("eight"))
	g.VMOVUPS(at(values, i, 4, 0), a)
	g.VMOVUPS(at(values, i, 4, 32), b)
	g.VMAXPS(at(values, i, 4, 64), a, a)
	g.VMAXPS(at(values, i, 4, 96), b, b)
	g.VMAXPS(b, a, a)
	g.VCMPPS(Imm(greater), limit, a, b)
	g.VMOVMSKPS(b, mask)
	g.TESTL(mask, mask)
	g.JNZ(LabelRef("eight"))
	g.ADDQ(I32(32), i)
	g.JMP(LabelRef("many"))

	g.Label("eight")
	g.CMPQ(i, by8)
	g.JGT(LabelRef("out"))
	g.VMOVUPS(at(values, i, 4, 0), a)
	g.VCMPPS(Imm(greater), limit, a, b)
	g.VMOVMSKPS(b, mask)
	g.TESTL(mask, mask)
	g.JNZ(LabelRef("hit"))
	g.ADDQ(I32(8), i)
	g.JMP(LabelRef("eight"))

	g.Label("hit")
	g.BSFL(mask, mask)
	g.ADDQ(mask.As64(), i)
	g.Label("out")
	g.VZEROUPPER()
	g.Store(i, g.ReturnIndex(0))
	g.RET()
}

// eighthFloor stores the largest of each lane, and takes the least of those that
// at most seven others are above.
func eighthFloor(g gen) {
	g.function("eighthFloorAVX2", "func(most, values *float32, n int) float32",
		"eighthFloorAVX2 is eighthFloorPortable; it needs AVX2 and POPCNT, room for 16 values in",
		"most, and n to be a multiple of 16, at least 16.")
	p := g.params("most", "values", "n")
	most, values, n := p[0], p[1], p[2]
	a, b, i := g.YMM(), g.YMM(), g.GP64()
	g.VMOVUPS(at(values, nil, 0, 0), a)
	g.VMOVUPS(at(values, nil, 0, 32), b)
	g.MOVQ(U32(16), i)
	g.upTo("lanes", i, n, 16, func() {
		g.VMAXPS(at(values, i, 4, 0), a, a)
		g.VMAXPS(at(values, i, 4, 32), b, b)
	})
	g.VMOVUPS(a, at(most, nil, 0, 0))
	g.VMOVUPS(b, at(most, nil, 0, 32))

	infinity, floor, left := g.GP64(), g.XMM(), g.GP64()
	g.LEAQ(g.ConstData("infinity", U32(0x7f800000)), infinity)
	g.VMOVSS(at(infinity, nil, 0, 0), floor)
	g.MOVQ(U32(16), left)
	g.Label("rank")
	x, y, z := g.YMM(), g.YMM(), g.YMM()
	above, more, from := g.GP32(), g.GP32(), g.GP64()
	g.VBROADCASTSS(at(most, nil, 0, 0), x)
	g.VCMPPS(Imm(greater), x, a, y)
	g.VCMPPS(Imm(greater), x, b, z)
	g.VMOVMSKPS(y, above)
	g.VMOVMSKPS(z, more)
	g.SHLL(Imm(8), more)
	g.ORL(more, above)
	g.POPCNTL(above, above)
	g.MOVQ(most, from)
	g.CMPL(above, Imm(7))
	g.CMOVQGT(infinity, from)
	g.VMINSS(at(from, nil, 0, 0), floor, floor)
	g.ADDQ(I32(4), most)
	g.DECQ(left)
	g.JNZ(LabelRef("rank"))
	g.Store(floor, g.ReturnIndex(0))
	g.end()
}

func reachMask(g gen) {
	g.function("reachMaskAVX2", "func(values *float32, n int, limit float32) uint64",
		"reachMaskAVX2 sets bit i where value i is at least limit; it needs AVX2 and BMI2, and n to",
		"be a multiple of 8, at most 64.")
	p := g.params("values", "n")
	values, n := p[0], p[1]
	limit, x, i, mask, bits := g.YMM(), g.YMM(), g.zero(), g.zero(), g.GP64()
	g.VBROADCASTSS(g.paramAddress("limit"), limit)
	g.upTo("by8", i, n, 8, func() {
		g.VMOVUPS(at(values, i, 4, 0), x)
		g.VCMPPS(Imm(greaterOrEqual), limit, x, x)
		g.VMOVMSKPS(x, bits.As32())
		g.SHLXQ(i, bits, bits)
		g.ORQ(bits, mask)
	})
	g.VZEROUPPER()
	g.Store(mask, g.ReturnIndex(0))
	g.RET()
}
