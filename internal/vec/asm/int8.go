package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// dotRowsI8AVX2 widens 32 components a step to 16 bits, multiplies them, and adds
// the products in pairs; four rows at a time share the widened query.
func dotRowsI8AVX2(g gen) {
	g.function("dotRowsI8AVX2", "func(dst *int32, rows *int8, n, dim int, q *int8)",
		"dotRowsI8AVX2 is dotRowsI8Portable; it needs AVX2.")
	p := g.params("dst", "rows", "n", "dim", "q")
	dst, first, n, dim, q := p[0], p[1], p[2], p[3], p[4]
	whole, i := g.rounded(dim, 32), g.GP64()
	others := []reg.GPVirtual{g.GP64(), g.GP64(), g.GP64()}

	for _, height := range []int{4, 1} {
		name := fmt.Sprintf("rows%d", height)
		rows := []reg.Register{first}
		g.Label(name)
		g.CMPQ(n, I32(height))
		g.JL(LabelRef(name + "_done"))
		if height == 4 {
			g.LEAQ(at(first, dim, 1, 0), others[0])
			g.LEAQ(at(first, dim, 2, 0), others[1])
			g.LEAQ(at(others[0], dim, 2, 0), others[2])
			rows = append(rows, others[0], others[1], others[2])
		}
		sums := g.ymms(height)
		for _, s := range sums {
			g.VPXOR(s, s, s)
		}
		g.XORQ(i, i)
		g.upTo(name+"_by32", i, whole, 32, func() {
			x := g.ymms(2)
			g.VPMOVSXBW(at(q, i, 1, 0), x[0])
			g.VPMOVSXBW(at(q, i, 1, 16), x[1])
			for r, row := range rows {
				a, b := g.YMM(), g.YMM()
				g.VPMOVSXBW(at(row, i, 1, 0), a)
				g.VPMOVSXBW(at(row, i, 1, 16), b)
				g.VPMADDWD(x[0], a, a)
				g.VPMADDWD(x[1], b, b)
				g.VPADDD(b, a, a)
				g.VPADDD(a, sums[r], sums[r])
			}
		})
		storeSums(g, sums, dst)
		g.upTo(name+"_by1", i, dim, 1, func() {
			a, x := g.GP32(), g.GP32()
			for r, row := range rows {
				g.MOVBLSX(at(q, i, 1, 0), x)
				g.MOVBLSX(at(row, i, 1, 0), a)
				g.IMULL(x, a)
				g.ADDL(a, at(dst, nil, 0, 4*r))
			}
		})
		g.ADDQ(I32(4*height), dst)
		g.LEAQ(at(first, dim, uint8(height), 0), first)
		g.SUBQ(I32(height), n)
		g.JMP(LabelRef(name))
		g.Label(name + "_done")
	}
	g.end()
}

// storeSums stores the sum of the lanes of each of one or four accumulators.
func storeSums(g gen, sums []reg.VecVirtual, dst reg.Register) {
	if len(sums) == 4 {
		g.VPHADDD(sums[1], sums[0], sums[0])
		g.VPHADDD(sums[3], sums[2], sums[2])
		g.VPHADDD(sums[2], sums[0], sums[0])
	}
	upper, x := g.XMM(), sums[0].AsX()
	g.VEXTRACTI128(Imm(1), sums[0].AsY(), upper)
	g.VPADDD(upper, x, x)
	if len(sums) == 4 {
		g.VMOVDQU(x, at(dst, nil, 0, 0))
		return
	}
	g.VPHADDD(x, x, x)
	g.VPHADDD(x, x, x)
	g.VMOVD(x, at(dst, nil, 0, 0))
}

// dotRowsI8VNNI multiplies unsigned by signed bytes. Rows become unsigned by
// adding 128, that is flipping the top bit, which adds 128 × the sum of q to every
// sum; the accumulators therefore begin at minus that, lane by lane. The last,
// partial step is masked.
func dotRowsI8VNNI(g gen) {
	g.function("dotRowsI8VNNI", "func(dst *int32, rows *int8, n, dim int, q *int8)",
		"dotRowsI8VNNI is dotRowsI8Portable; it needs AVX-512 F, BW, VL and VNNI, and BMI2.")
	p := g.params("dst", "rows", "n", "dim", "q")
	dst, first, n, dim, q := p[0], p[1], p[2], p[3], p[4]
	whole, flip := g.rounded(dim, 64), g.flip()

	rest, ones, mask := g.GP64(), g.GP64(), g.K()
	g.MOVQ(dim, rest)
	g.ANDQ(Imm(63), rest)
	g.MOVQ(I32(-1), ones)
	g.BZHIQ(rest, ones, ones)
	g.KMOVQ(ones, mask)

	start, x, i := g.ZMM(), g.ZMM(), g.zero()
	g.VPXORD(start, start, start)
	g.upTo("bias", i, whole, 64, func() {
		g.VMOVDQU8(at(q, i, 1, 0), x)
		g.vpdpbusd(x, flip, start)
	})
	g.CMPQ(i, dim)
	g.JGE(LabelRef("bias_done"))
	g.VMOVDQU8_Z(at(q, i, 1, 0), mask, x)
	g.vpdpbusd(x, flip, start)
	g.Label("bias_done")
	zero := g.ZMM()
	g.VPXORD(zero, zero, zero)
	g.VPSUBD(start, zero, start)

	others := []reg.GPVirtual{g.GP64(), g.GP64(), g.GP64()}
	for _, height := range []int{4, 1} {
		name := fmt.Sprintf("rows%d", height)
		rows := []reg.Register{first}
		g.Label(name)
		g.CMPQ(n, I32(height))
		g.JL(LabelRef(name + "_done"))
		if height == 4 {
			g.LEAQ(at(first, dim, 1, 0), others[0])
			g.LEAQ(at(first, dim, 2, 0), others[1])
			g.LEAQ(at(others[0], dim, 2, 0), others[2])
			rows = append(rows, others[0], others[1], others[2])
		}
		sums := g.zmms(height)
		for _, s := range sums {
			g.VMOVDQA64(start, s)
		}
		g.XORQ(i, i)
		g.upTo(name+"_by64", i, whole, 64, func() {
			g.VMOVDQU8(at(q, i, 1, 0), x)
			for r, row := range rows {
				a := g.ZMM()
				g.VPXORD(at(row, i, 1, 0), flip, a)
				g.vpdpbusd(x, a, sums[r])
			}
		})
		g.CMPQ(i, dim)
		g.JGE(LabelRef(name + "_sum"))
		g.Comment("The query is masked, so what the flip makes of masked bytes does not count.")
		g.VMOVDQU8_Z(at(q, i, 1, 0), mask, x)
		for r, row := range rows {
			a := g.ZMM()
			g.VMOVDQU8_Z(at(row, i, 1, 0), mask, a)
			g.VPXORD(a, flip, a)
			g.vpdpbusd(x, a, sums[r])
		}
		g.Label(name + "_sum")
		for _, s := range sums {
			g.fold(s)
		}
		storeSums(g, halves(sums), dst)
		g.ADDQ(I32(4*height), dst)
		g.LEAQ(at(first, dim, uint8(height), 0), first)
		g.SUBQ(I32(height), n)
		g.JMP(LabelRef(name))
		g.Label(name + "_done")
	}
	g.end()
}

// halves are the lower halves of registers.
func halves(z []reg.VecVirtual) []reg.VecVirtual {
	out := make([]reg.VecVirtual, len(z))
	for i := range z {
		out[i] = z[i].AsY().(reg.VecVirtual)
	}
	return out
}
