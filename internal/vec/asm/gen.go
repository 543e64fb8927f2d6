package main

import (
	"github.com/mmcloughlin/avo/attr"
	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// gen adds to avo's context what several kernels need.
type gen struct{ *build.Context }

// function begins a kernel.
func (g gen) function(name, signature string, doc ...string) {
	g.Function(name)
	g.Attributes(attr.NOSPLIT)
	g.SignatureExpr(signature)
	g.Doc(doc...)
	g.Pragma("noescape")
}

// params loads pointers and ints.
func (g gen) params(names ...string) []reg.GPVirtual {
	out := make([]reg.GPVirtual, len(names))
	for i, name := range names {
		out[i] = g.GP64()
		g.Load(g.Param(name), out[i])
	}
	return out
}

// end returns from a kernel that has used wide registers.
func (g gen) end() {
	g.VZEROUPPER()
	g.RET()
}

// upTo repeats body, counting i by step, while i is less than limit.
func (g gen) upTo(label string, i, limit reg.Register, step int, body func()) {
	g.Label(label)
	g.CMPQ(i, limit)
	g.JGE(LabelRef(label + "_end"))
	body()
	g.ADDQ(I32(step), i)
	g.JMP(LabelRef(label))
	g.Label(label + "_end")
}

// zero is a counter at 0.
func (g gen) zero() reg.GPVirtual {
	r := g.GP64()
	g.XORQ(r, r)
	return r
}

// rounded is n rounded down to a multiple of step, a power of two.
func (g gen) rounded(n reg.Register, step int) reg.GPVirtual {
	r := g.GP64()
	g.MOVQ(n, r)
	g.ANDQ(I32(-step), r)
	return r
}

func (g gen) ymms(n int) []reg.VecVirtual {
	out := make([]reg.VecVirtual, n)
	for i := range out {
		out[i] = g.YMM()
	}
	return out
}

func (g gen) zmms(n int) []reg.VecVirtual {
	out := make([]reg.VecVirtual, n)
	for i := range out {
		out[i] = g.ZMM()
	}
	return out
}

// at is an address.
func at(base, index reg.Register, scale uint8, disp int) Mem {
	return Mem{Base: base, Index: index, Scale: scale, Disp: disp}
}

// vpdpbusd adds to acc, in every 32 bits, four products of the unsigned bytes of
// u and the signed ones of s. avo does not know the instruction.
func (g gen) vpdpbusd(s, u, acc Op) {
	g.Instruction(&ir.Instruction{
		Opcode: "VPDPBUSD", Operands: []Op{s, u, acc},
		Inputs: []Op{s, u, acc}, Outputs: []Op{acc}, ISA: []string{"AVX512VNNI"},
	})
}

// fold adds the upper half of z to its lower half.
func (g gen) fold(z reg.VecVirtual) reg.Register {
	upper := g.YMM()
	g.VEXTRACTI64X4(Imm(1), z, upper)
	g.VPADDD(upper, z.AsY(), z.AsY())
	return z.AsY()
}

// flip is what turns signed bytes into unsigned ones larger by 128.
func (g gen) flip() reg.VecVirtual {
	bits, out := g.GP32(), g.ZMM()
	g.MOVL(U32(0x80808080), bits)
	g.VPBROADCASTD(bits, out)
	return out
}

// paramAddress is where a parameter lies, for what loads from memory.
func (g gen) paramAddress(name string) Mem {
	p, err := g.Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return p.Addr
}
