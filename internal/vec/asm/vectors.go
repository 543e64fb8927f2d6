package main

import (
	"math"

	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// vectors is the width of a kernel that is written once for AVX2 and AVX-512: 16
// lanes are two registers of one or one of the other.
type vectors struct {
	gen
	wide bool
	// suffix ends a kernel's name.
	suffix string
	// count is the number of registers for 16 lanes, bytes the size of one.
	count, bytes int
}

// both writes a kernel for both widths.
func both(kernel func(vectors)) func(gen) {
	return func(g gen) {
		kernel(vectors{gen: g, suffix: "AVX2", count: 2, bytes: 32})
		kernel(vectors{gen: g, wide: true, suffix: "AVX512", count: 1, bytes: 64})
	}
}

// lanes16 are registers for 16 lanes.
func (v vectors) lanes16() []reg.VecVirtual {
	if v.wide {
		return v.zmms(1)
	}
	return v.ymms(2)
}

// zeros are 16 lanes of 0.
func (v vectors) zeros() []reg.VecVirtual {
	out := v.lanes16()
	for _, r := range out {
		if v.wide {
			v.VPXORD(r, r, r)
		} else {
			v.VPXOR(r, r, r)
		}
	}
	return out
}

// everywhere fills 16 lanes with one value.
func (v vectors) everywhere(from Op) []reg.VecVirtual {
	out := v.lanes16()
	for _, r := range out {
		v.VBROADCASTSS(from, r)
	}
	return out
}

// constant is a number in 16 lanes of memory; there is one of each name.
func (v vectors) constant(name string, value float64) Mem {
	return v.constantBits(name, math.Float32bits(float32(value)))
}

func (v vectors) constantBits(name string, bits uint32) Mem {
	if m, known := constants[v.Context][name]; known {
		return m
	}
	m := v.StaticGlobal(name)
	v.DataAttributes(attr.RODATA | attr.NOPTR)
	for i := range 16 {
		v.AddDatum(4*i, U32(bits))
	}
	if constants[v.Context] == nil {
		constants[v.Context] = map[string]Mem{}
	}
	constants[v.Context][name] = m
	return m
}

// constants are those of each file.
var constants = map[*build.Context]map[string]Mem{}

// total adds 16 lanes: the upper half onto the lower until one is left, in x[0].
func (v vectors) total(x []reg.VecVirtual) reg.Register {
	if v.wide {
		upper := v.YMM()
		v.VEXTRACTF64X4(Imm(1), x[0], upper)
		v.VADDPS(upper, x[0].AsY(), x[0].AsY())
	} else {
		v.VADDPS(x[1], x[0], x[0])
	}
	upper, t := v.XMM(), x[0].AsX()
	v.VEXTRACTF128(Imm(1), x[0].AsY(), upper)
	v.VADDPS(upper, t, t)
	v.VPERMILPS(Imm(0x4e), t, upper)
	v.VADDPS(upper, t, t)
	v.VPERMILPS(Imm(0xb1), t, upper)
	v.VADDPS(upper, t, t)
	return t
}

// polynomial starts with the first coefficient and multiplies by u and adds the
// next one until none is left.
func (v vectors) polynomial(u reg.Register, coefficients []Mem) reg.VecVirtual {
	p := v.lanes16()[0]
	v.VMOVUPS(coefficients[0], p)
	for _, c := range coefficients[1:] {
		v.VFMADD213PS(c, u, p)
	}
	return p
}
