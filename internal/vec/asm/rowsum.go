package main

import (
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowSum is a sum of chosen rows times a value each. For each stripe of columns
// there are accumulators for the even rows, which begin with dst, and as many for
// the odd ones, so that no addition waits for the one before it.
type rowSum struct {
	// width is how many floats a register has; columns how many a stripe has.
	width, columns int
	// size is that of a weight, in bytes.
	size int
	// register is a new vector.
	register func() reg.VecVirtual
	clear    func(v reg.VecVirtual)
}

func sumRowsAVX2(g gen) {
	g.function("sumRowsAVX2", "func(dst, w *float32, stride int, ids *uint32, vals *float32, n, columns int)",
		"sumRowsAVX2 is sumRowsPortable, even and odd rows apart and with fused additions; it needs",
		"AVX2 and FMA, n more than 0, and columns to be a multiple of 32.")
	g.sumRows(rowSum{width: 8, columns: 32, size: 4, register: g.YMM, clear: func(v reg.VecVirtual) { g.VXORPS(v, v, v) }})
}

func sumRowsI8AVX2(g gen) {
	g.function("sumRowsI8AVX2", "func(dst *float32, w *int8, stride int, ids *uint32, vals *float32, n, columns int)",
		"sumRowsI8AVX2 is sumRowsAVX2 for signed bytes.")
	g.sumRows(rowSum{width: 8, columns: 32, size: 1, register: g.YMM, clear: func(v reg.VecVirtual) { g.VXORPS(v, v, v) }})
}

func sumRowsI8AVX512(g gen) {
	g.function("sumRowsI8AVX512", "func(dst *float32, w *int8, stride int, ids *uint32, vals *float32, n, columns int)",
		"sumRowsI8AVX512 adds in the same order; it needs AVX-512 F, and columns to be a multiple",
		"of 128.")
	g.sumRows(rowSum{width: 16, columns: 128, size: 1, register: g.ZMM, clear: func(v reg.VecVirtual) { g.VPXORD(v, v, v) }})
}

func (g gen) sumRows(s rowSum) {
	p := g.params("dst", "w", "stride", "ids", "vals", "n", "columns")
	dst, w, stride, ids, vals, n, columns := p[0], p[1], p[2], p[3], p[4], p[5], p[6]
	if s.size == 4 {
		g.SHLQ(Imm(2), stride)
	}
	count := s.columns / s.width
	even, odd := make([]reg.VecVirtual, count), make([]reg.VecVirtual, count)
	for k := range count {
		even[k], odd[k] = s.register(), s.register()
	}
	i, left := g.GP64(), g.GP64()

	g.Label("stripe")
	for k := range count {
		g.VMOVUPS(at(dst, nil, 0, 4*s.width*k), even[k])
		s.clear(odd[k])
	}
	g.XORQ(i, i)
	g.MOVQ(n, left)
	g.SUBQ(I32(2), left)
	g.JL(LabelRef("last"))
	g.Label("pair")
	g.addRow(s, w, stride, at(ids, i, 4, 0), at(vals, i, 4, 0), even)
	g.addRow(s, w, stride, at(ids, i, 4, 4), at(vals, i, 4, 4), odd)
	g.ADDQ(I32(2), i)
	g.SUBQ(I32(2), left)
	g.JGE(LabelRef("pair"))
	g.Label("last")
	g.CMPQ(left, I32(-1))
	g.JNE(LabelRef("store"))
	g.addRow(s, w, stride, at(ids, i, 4, 0), at(vals, i, 4, 0), even)
	g.Label("store")
	for k := range count {
		g.VADDPS(odd[k], even[k], even[k])
		g.VMOVUPS(even[k], at(dst, nil, 0, 4*s.width*k))
	}
	g.ADDQ(I32(4*s.columns), dst)
	g.ADDQ(I32(s.size*s.columns), w)
	g.SUBQ(I32(s.columns), columns)
	g.JNZ(LabelRef("stripe"))
	g.end()
}

// addRow adds a stripe of one row, times its value.
func (g gen) addRow(s rowSum, w, stride reg.Register, id, value Mem, sums []reg.VecVirtual) {
	offset, v := g.GP64(), s.register()
	g.MOVL(id, offset.As32())
	g.IMULQ(stride, offset)
	g.VBROADCASTSS(value, v)
	for k, sum := range sums {
		from := at(w, offset, 1, s.size*s.width*k)
		if s.size == 4 {
			g.VFMADD231PS(from, v, sum)
			continue
		}
		x := s.register()
		g.VPMOVSXBD(from, x)
		g.VCVTDQ2PS(x, x)
		g.VFMADD231PS(x, v, sum)
	}
}

// addScaledInt8 multiplies and adds apart, not fused: the bits of the plain loop.
func addScaledInt8(g gen) {
	g.function("addScaledInt8AVX2", "func(dst *float32, row *byte, scale float32, blocks int)",
		"addScaledInt8AVX2 is addScaledInt8Portable for blocks of 32; it needs AVX2 and at least one",
		"block.")
	p := g.params("dst", "row", "blocks")
	dst, row, blocks := p[0], p[1], p[2]
	scale, v := g.YMM(), g.ymms(4)
	g.VBROADCASTSS(g.paramAddress("scale"), scale)
	g.Label("block")
	for k := range v {
		g.VPMOVSXBD(at(row, nil, 0, 8*k), v[k])
		g.VCVTDQ2PS(v[k], v[k])
		g.VMULPS(scale, v[k], v[k])
		g.VADDPS(at(dst, nil, 0, 32*k), v[k], v[k])
	}
	for k := range v {
		g.VMOVUPS(v[k], at(dst, nil, 0, 32*k))
	}
	g.ADDQ(I32(32), row)
	g.ADDQ(I32(128), dst)
	g.DECQ(blocks)
	g.JNZ(LabelRef("block"))
	g.end()
}
