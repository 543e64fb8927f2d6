package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func maxAbs(g gen) {
	g.function("maxAbsAVX2", "func(v *float32, n int) float32",
		"maxAbsAVX2 is maxAbsPortable; it needs AVX2, and n to be a multiple of 8, at least 8.")
	p := g.params("v", "n")
	v, n := p[0], p[1]
	mask, top, x, i := g.YMM(), g.YMM(), g.YMM(), g.zero()
	g.VBROADCASTSS(g.ConstData("absolute", U32(0x7fffffff)), mask)
	g.VXORPS(top, top, top)
	g.upTo("by8", i, n, 8, func() {
		g.VANDPS(at(v, i, 4, 0), mask, x)
		g.VMAXPS(x, top, top)
	})
	upper, t := g.XMM(), top.AsX()
	g.VEXTRACTF128(Imm(1), top, upper)
	g.VMAXPS(upper, t, t)
	g.VPERMILPS(Imm(0x4e), t, upper)
	g.VMAXPS(upper, t, t)
	g.VPERMILPS(Imm(0xb1), t, upper)
	g.VMAXPS(upper, t, t)
	g.Store(t, g.ReturnIndex(0))
	g.end()
}

// quantizeI8 multiplies doubles, as the portable form does, so that every byte is
// the same.
func quantizeI8(g gen) {
	g.function("quantizeI8AVX2", "func(dst *int8, v *float32, n int, per float64)",
		"quantizeI8AVX2 is quantizeI8Portable; it needs AVX2, and n to be a multiple of 16.")
	p := g.params("dst", "v", "n")
	dst, v, n := p[0], p[1], p[2]
	per, i := g.YMM(), g.zero()
	g.VBROADCASTSD(g.paramAddress("per"), per)
	g.upTo("by16", i, n, 16, func() {
		g.packed16(at(dst, i, 1, 0), func(k int, y reg.VecVirtual) {
			g.VCVTPS2PD(at(v, i, 4, 16*k), y)
			g.VMULPD(per, y, y)
		})
	})
	g.end()
}

func quantizeLowI8(g gen) {
	g.function("quantizeLowI8AVX2", "func(low, high *int8, v *float32, n int, per, base float64)",
		"quantizeLowI8AVX2 is quantizeLowI8Portable; it needs the same.")
	p := g.params("low", "high", "v", "n")
	low, high, v, n := p[0], p[1], p[2], p[3]
	per, base, i := g.YMM(), g.YMM(), g.zero()
	g.VBROADCASTSD(g.paramAddress("per"), per)
	g.VBROADCASTSD(g.paramAddress("base"), base)
	g.upTo("by16", i, n, 16, func() {
		g.packed16(at(low, i, 1, 0), func(k int, y reg.VecVirtual) {
			first := g.YMM()
			g.VCVTPS2PD(at(v, i, 4, 16*k), y)
			g.VMULPD(per, y, y)
			g.VPMOVSXBD(at(high, i, 1, 4*k), first.AsX())
			g.VCVTDQ2PD(first.AsX(), first)
			g.VSUBPD(first, y, y)
			g.VMULPD(base, y, y)
		})
	})
	g.end()
}

// packed16 rounds four times four doubles to even and stores them as bytes.
func (g gen) packed16(dst Mem, quarter func(k int, y reg.VecVirtual)) {
	x := make([]reg.VecVirtual, 4)
	for k := range x {
		y := g.YMM()
		x[k] = g.XMM()
		quarter(k, y)
		g.VCVTPD2DQY(y, x[k])
	}
	g.VPACKSSDW(x[1], x[0], x[0])
	g.VPACKSSDW(x[3], x[2], x[2])
	g.VPACKSSWB(x[2], x[0], x[0])
	g.VMOVDQU(x[0], dst)
}
