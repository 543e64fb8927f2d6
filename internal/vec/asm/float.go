package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dotRows sums a row in one fixed order, whether it is computed alone or beside
// another: four accumulators of eight lanes, 32 components a step; then eight a
// step into the first accumulator; then one by one into the sum.
func dotRows(g gen) {
	g.function("dotRowsAVX2", "func(dst, rows *float32, n, dim int, q *float32)",
		"dotRowsAVX2 is dotRowsPortable; it needs AVX2 and FMA.")
	p := g.params("dst", "rows", "n", "dim", "q")
	dst, first, n, bytes, q := p[0], p[1], p[2], p[3], p[4]
	g.SHLQ(Imm(2), bytes)
	steps32, steps8 := g.rounded(bytes, 128), g.rounded(bytes, 32)
	second, i := g.GP64(), g.GP64()

	for _, height := range []int{2, 1} {
		rows := []reg.Register{first, second}[:height]
		name := fmt.Sprintf("rows%d", height)
		g.Label(name)
		g.CMPQ(n, I32(height))
		g.JL(LabelRef(name + "_done"))
		if height == 2 {
			g.LEAQ(at(first, bytes, 1, 0), second)
		}
		sums := make([][]reg.VecVirtual, height)
		for r := range sums {
			sums[r] = g.ymms(4)
			for _, s := range sums[r] {
				g.VXORPS(s, s, s)
			}
		}
		g.XORQ(i, i)
		g.upTo(name+"_by32", i, steps32, 128, func() {
			x := g.ymms(4)
			for j := range x {
				g.VMOVUPS(at(q, i, 1, 32*j), x[j])
			}
			for r, row := range rows {
				for j := range x {
					g.VFMADD231PS(at(row, i, 1, 32*j), x[j], sums[r][j])
				}
			}
		})
		g.upTo(name+"_by8", i, steps8, 32, func() {
			x := g.YMM()
			g.VMOVUPS(at(q, i, 1, 0), x)
			for r, row := range rows {
				g.VFMADD231PS(at(row, i, 1, 0), x, sums[r][0])
			}
		})
		for _, s := range sums {
			sumOfRow(g, s)
		}
		g.upTo(name+"_by1", i, bytes, 4, func() {
			x := g.XMM()
			g.VMOVSS(at(q, i, 1, 0), x)
			for r, row := range rows {
				g.VFMADD231SS(at(row, i, 1, 0), x, sums[r][0].AsX())
			}
		})
		for r := range rows {
			g.VMOVSS(sums[r][0].AsX(), at(dst, nil, 0, 4*r))
		}
		g.ADDQ(I32(4*height), dst)
		g.LEAQ(at(first, bytes, uint8(height), 0), first)
		g.SUBQ(I32(height), n)
		g.JMP(LabelRef(name))
		g.Label(name + "_done")
	}
	g.end()
}

// sumOfRow adds the four accumulators of a row in a fixed order; the sum ends in
// the lowest lane of the first.
func sumOfRow(g gen, s []reg.VecVirtual) {
	upper := g.XMM()
	g.VADDPS(s[1], s[0], s[0])
	g.VADDPS(s[3], s[2], s[2])
	g.VADDPS(s[2], s[0], s[0])
	g.VEXTRACTF128(Imm(1), s[0], upper)
	x := s[0].AsX()
	g.VADDPS(upper, x, x)
	g.VHADDPS(x, x, x)
	g.VHADDPS(x, x, x)
}

func axpy(g gen) {
	g.function("axpyAVX2", "func(alpha float32, x, y *float32, n int)",
		"axpyAVX2 is axpyPortable with fused additions; it needs AVX2 and FMA.")
	alpha := g.YMM()
	g.VBROADCASTSS(g.paramAddress("alpha"), alpha)
	p := g.params("x", "y", "n")
	x, y, bytes := p[0], p[1], p[2]
	g.SHLQ(Imm(2), bytes)
	steps32, steps8 := g.rounded(bytes, 128), g.rounded(bytes, 32)
	i := g.zero()
	g.upTo("by32", i, steps32, 128, func() {
		v := g.ymms(4)
		for j := range v {
			g.VMOVUPS(at(y, i, 1, 32*j), v[j])
		}
		for j := range v {
			g.VFMADD231PS(at(x, i, 1, 32*j), alpha, v[j])
		}
		for j := range v {
			g.VMOVUPS(v[j], at(y, i, 1, 32*j))
		}
	})
	g.upTo("by8", i, steps8, 32, func() {
		v := g.YMM()
		g.VMOVUPS(at(y, i, 1, 0), v)
		g.VFMADD231PS(at(x, i, 1, 0), alpha, v)
		g.VMOVUPS(v, at(y, i, 1, 0))
	})
	g.upTo("by1", i, bytes, 4, func() {
		v := g.XMM()
		g.VMOVSS(at(y, i, 1, 0), v)
		g.VFMADD231SS(at(x, i, 1, 0), alpha.AsX(), v)
		g.VMOVSS(v, at(y, i, 1, 0))
	})
	g.end()
}
