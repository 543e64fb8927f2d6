#include "textflag.h"

// Adds the four accumulators A, B, C, D of one row in a fixed order; the sum
// ends in the lowest lane of XA. XB is overwritten.
#define SUM_ROW(A, B, C, D, XA, XB) \
	VADDPS       B, A, A    \
	VADDPS       D, C, C    \
	VADDPS       C, A, A    \
	VEXTRACTF128 $1, A, XB  \
	VADDPS       XB, XA, XA \
	VHADDPS      XA, XA, XA \
	VHADDPS      XA, XA, XA

// func dotRowsAVX2(dst, rows *float32, n, dim int, q *float32)
//
// Two rows at a time, four accumulators of eight lanes each: 32 components a
// step, then 8 a step into the first accumulator, then one by one into the sum.
TEXT ·dotRowsAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ dim+24(FP), R9
	MOVQ q+32(FP), DX
	SHLQ $2, R9            // bytes of a row
	MOVQ R9, R10
	ANDQ $-128, R10        // ... in whole steps of 32 components
	MOVQ R9, R12
	ANDQ $-32, R12         // ... in whole steps of 8 components

pair:
	CMPQ   CX, $2
	JLT    one
	LEAQ   (SI)(R9*1), R11
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	XORQ   AX, AX

pair32:
	CMPQ        AX, R10
	JGE         pair8
	VMOVUPS     (DX)(AX*1), Y8
	VMOVUPS     32(DX)(AX*1), Y9
	VMOVUPS     64(DX)(AX*1), Y10
	VMOVUPS     96(DX)(AX*1), Y11
	VFMADD231PS (SI)(AX*1), Y8, Y0
	VFMADD231PS 32(SI)(AX*1), Y9, Y1
	VFMADD231PS 64(SI)(AX*1), Y10, Y2
	VFMADD231PS 96(SI)(AX*1), Y11, Y3
	VFMADD231PS (R11)(AX*1), Y8, Y4
	VFMADD231PS 32(R11)(AX*1), Y9, Y5
	VFMADD231PS 64(R11)(AX*1), Y10, Y6
	VFMADD231PS 96(R11)(AX*1), Y11, Y7
	ADDQ        $128, AX
	JMP         pair32

pair8:
	CMPQ        AX, R12
	JGE         pairsum
	VMOVUPS     (DX)(AX*1), Y8
	VFMADD231PS (SI)(AX*1), Y8, Y0
	VFMADD231PS (R11)(AX*1), Y8, Y4
	ADDQ        $32, AX
	JMP         pair8

pairsum:
	SUM_ROW(Y0, Y1, Y2, Y3, X0, X1)
	SUM_ROW(Y4, Y5, Y6, Y7, X4, X5)

pair1:
	CMPQ        AX, R9
	JGE         pairstore
	VMOVSS      (DX)(AX*1), X8
	VFMADD231SS (SI)(AX*1), X8, X0
	VFMADD231SS (R11)(AX*1), X8, X4
	ADDQ        $4, AX
	JMP         pair1

pairstore:
	VMOVSS X0, (DI)
	VMOVSS X4, 4(DI)
	ADDQ   $8, DI
	LEAQ   (SI)(R9*2), SI
	SUBQ   $2, CX
	JMP    pair

one:
	TESTQ  CX, CX
	JZ     done
	VXORPS Y0, Y0, Y0
	VXORPS Y1, Y1, Y1
	VXORPS Y2, Y2, Y2
	VXORPS Y3, Y3, Y3
	XORQ   AX, AX

one32:
	CMPQ        AX, R10
	JGE         one8
	VMOVUPS     (DX)(AX*1), Y8
	VMOVUPS     32(DX)(AX*1), Y9
	VMOVUPS     64(DX)(AX*1), Y10
	VMOVUPS     96(DX)(AX*1), Y11
	VFMADD231PS (SI)(AX*1), Y8, Y0
	VFMADD231PS 32(SI)(AX*1), Y9, Y1
	VFMADD231PS 64(SI)(AX*1), Y10, Y2
	VFMADD231PS 96(SI)(AX*1), Y11, Y3
	ADDQ        $128, AX
	JMP         one32

one8:
	CMPQ        AX, R12
	JGE         onesum
	VMOVUPS     (DX)(AX*1), Y8
	VFMADD231PS (SI)(AX*1), Y8, Y0
	ADDQ        $32, AX
	JMP         one8

onesum:
	SUM_ROW(Y0, Y1, Y2, Y3, X0, X1)

one1:
	CMPQ        AX, R9
	JGE         onestore
	VMOVSS      (DX)(AX*1), X8
	VFMADD231SS (SI)(AX*1), X8, X0
	ADDQ        $4, AX
	JMP         one1

onestore:
	VMOVSS X0, (DI)

done:
	VZEROUPPER
	RET

// func axpyAVX2(alpha float32, x, y *float32, n int)
TEXT ·axpyAVX2(SB), NOSPLIT, $0-32
	VBROADCASTSS alpha+0(FP), Y0
	MOVQ         x+8(FP), SI
	MOVQ         y+16(FP), DI
	MOVQ         n+24(FP), CX
	SHLQ         $2, CX
	MOVQ         CX, R10
	ANDQ         $-128, R10
	MOVQ         CX, R12
	ANDQ         $-32, R12
	XORQ         AX, AX

axpy32:
	CMPQ        AX, R10
	JGE         axpy8
	VMOVUPS     (DI)(AX*1), Y1
	VMOVUPS     32(DI)(AX*1), Y2
	VMOVUPS     64(DI)(AX*1), Y3
	VMOVUPS     96(DI)(AX*1), Y4
	VFMADD231PS (SI)(AX*1), Y0, Y1
	VFMADD231PS 32(SI)(AX*1), Y0, Y2
	VFMADD231PS 64(SI)(AX*1), Y0, Y3
	VFMADD231PS 96(SI)(AX*1), Y0, Y4
	VMOVUPS     Y1, (DI)(AX*1)
	VMOVUPS     Y2, 32(DI)(AX*1)
	VMOVUPS     Y3, 64(DI)(AX*1)
	VMOVUPS     Y4, 96(DI)(AX*1)
	ADDQ        $128, AX
	JMP         axpy32

axpy8:
	CMPQ        AX, R12
	JGE         axpy1
	VMOVUPS     (DI)(AX*1), Y1
	VFMADD231PS (SI)(AX*1), Y0, Y1
	VMOVUPS     Y1, (DI)(AX*1)
	ADDQ        $32, AX
	JMP         axpy8

axpy1:
	CMPQ        AX, CX
	JGE         axpydone
	VMOVSS      (DI)(AX*1), X1
	VFMADD231SS (SI)(AX*1), X0, X1
	VMOVSS      X1, (DI)(AX*1)
	ADDQ        $4, AX
	JMP         axpy1

axpydone:
	VZEROUPPER
	RET
