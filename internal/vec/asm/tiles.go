package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// tiles writes a form of the kernel for every number of rows up to most, and the
// jump to the one that height asks for.
func (g gen) tiles(height reg.Register, most int, tile func(label string, rows int)) {
	for rows := 1; rows < most; rows++ {
		g.CMPQ(height, Imm(uint64(rows)))
		g.JE(LabelRef(fmt.Sprintf("height%d", rows)))
	}
	for rows := most; rows > 0; rows-- {
		label := fmt.Sprintf("height%d", rows)
		if rows < most {
			g.Label(label)
		}
		tile(label, rows)
		g.end()
	}
}

// rows are places of a matrix, one in each of some rows; one register of three
// rows is enough, as addresses can add a stride once or twice.
type rows struct {
	bases  []reg.GPVirtual
	stride reg.Register
}

// rowsOf takes over the register of the first row.
func (g gen) rowsOf(first reg.GPVirtual, stride reg.Register, count int) rows {
	r := rows{stride: stride, bases: []reg.GPVirtual{first}}
	for len(r.bases)*3 < count {
		last, next := r.bases[len(r.bases)-1], g.GP64()
		g.LEAQ(at(last, stride, 2, 0), next)
		g.ADDQ(stride, next)
		r.bases = append(r.bases, next)
	}
	return r
}

// row is the place in one row, with a displacement.
func (r rows) row(i, disp int) Mem {
	if i%3 == 0 {
		return at(r.bases[i/3], nil, 0, disp)
	}
	return at(r.bases[i/3], r.stride, uint8(i%3), disp)
}

// advance moves all places.
func (g gen) advance(r rows, bytes int) {
	for _, b := range r.bases {
		g.ADDQ(I32(bytes), b)
	}
}
