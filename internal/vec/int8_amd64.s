#include "textflag.h"

// func dotRowsI8AVX2(dst *int32, rows *int8, n, dim int, q *int8)
//
// 32 components a step, widened to 16 bits, multiplied and added in pairs.
TEXT ·dotRowsI8AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ n+16(FP), CX
	MOVQ dim+24(FP), R9
	MOVQ q+32(FP), DX
	MOVQ R9, R10
	ANDQ $-32, R10

row:
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	XORQ  AX, AX

step:
	CMPQ      AX, R10
	JGE       sum
	VPMOVSXBW (DX)(AX*1), Y2
	VPMOVSXBW 16(DX)(AX*1), Y3
	VPMOVSXBW (SI)(AX*1), Y4
	VPMOVSXBW 16(SI)(AX*1), Y5
	VPMADDWD  Y4, Y2, Y2
	VPMADDWD  Y5, Y3, Y3
	VPADDD    Y2, Y0, Y0
	VPADDD    Y3, Y1, Y1
	ADDQ      $32, AX
	JMP       step

sum:
	VPADDD       Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPHADDD      X0, X0, X0
	VPHADDD      X0, X0, X0
	VMOVD        X0, R11

tail:
	CMPQ    AX, R9
	JGE     store
	MOVBLSX (SI)(AX*1), R12
	MOVBLSX (DX)(AX*1), R13
	IMULL   R13, R12
	ADDL    R12, R11
	INCQ    AX
	JMP     tail

store:
	MOVL R11, (DI)
	ADDQ $4, DI
	ADDQ R9, SI
	DECQ CX
	JNZ  row
	VZEROUPPER
	RET

// VPDPBUSD multiplies unsigned by signed bytes. Rows become unsigned by adding
// 128 (flipping the top bit), which adds 128*sum(q) to every product; the
// accumulators therefore start at minus that, kept lane by lane in Z15.
// Z14 holds the flip, K1 the bytes of the last, partial step.

// One step of the row at ROW into ACC: q is in Z12, T is overwritten.
#define STEP(ROW, ACC, T) \
	VPXORD   (ROW)(AX*1), Z14, T \
	VPDPBUSD Z12, T, ACC

// The same for the partial step; q is masked in Z12, so that what the flip
// makes of the masked bytes does not count.
#define STEP_MASKED(ROW, ACC, T) \
	VMOVDQU8.Z (ROW)(AX*1), K1, T \
	VPXORD     T, Z14, T          \
	VPDPBUSD   Z12, T, ACC

#define FOLD(Z, Y, YT) \
	VEXTRACTI64X4 $1, Z, YT \
	VPADDD        YT, Y, Y

// func dotRowsI8VNNI(dst *int32, rows *int8, n, dim int, q *int8)
//
// Four rows at a time, 64 components a step.
TEXT ·dotRowsI8VNNI(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ rows+8(FP), SI
	MOVQ n+16(FP), BX
	MOVQ dim+24(FP), R9
	MOVQ q+32(FP), DX
	MOVQ R9, R10
	ANDQ $-64, R10

	MOVL         $0x80808080, R11
	VPBROADCASTD R11, Z14

	// K1 = the low dim%64 bits.
	MOVQ  R9, CX
	ANDQ  $63, CX
	MOVQ  $-1, R11
	BZHIQ CX, R11, R11
	KMOVQ R11, K1

	VPXORD Z15, Z15, Z15
	XORQ   AX, AX

bias:
	CMPQ      AX, R10
	JGE       biastail
	VMOVDQU8  (DX)(AX*1), Z12
	VPDPBUSD  Z12, Z14, Z15
	ADDQ      $64, AX
	JMP       bias

biastail:
	CMPQ       AX, R9
	JGE        biasdone
	VMOVDQU8.Z (DX)(AX*1), K1, Z12
	VPDPBUSD   Z12, Z14, Z15

biasdone:
	VPXORD Z13, Z13, Z13
	VPSUBD Z15, Z13, Z15

four:
	CMPQ      BX, $4
	JLT       one
	LEAQ      (SI)(R9*1), R11
	LEAQ      (SI)(R9*2), R12
	LEAQ      (R11)(R9*2), R13
	VMOVDQA64 Z15, Z0
	VMOVDQA64 Z15, Z1
	VMOVDQA64 Z15, Z2
	VMOVDQA64 Z15, Z3
	XORQ      AX, AX

four64:
	CMPQ     AX, R10
	JGE      fourtail
	VMOVDQU8 (DX)(AX*1), Z12
	STEP(SI, Z0, Z4)
	STEP(R11, Z1, Z5)
	STEP(R12, Z2, Z6)
	STEP(R13, Z3, Z7)
	ADDQ     $64, AX
	JMP      four64

fourtail:
	CMPQ       AX, R9
	JGE        foursum
	VMOVDQU8.Z (DX)(AX*1), K1, Z12
	STEP_MASKED(SI, Z0, Z4)
	STEP_MASKED(R11, Z1, Z5)
	STEP_MASKED(R12, Z2, Z6)
	STEP_MASKED(R13, Z3, Z7)

foursum:
	FOLD(Z0, Y0, Y4)
	FOLD(Z1, Y1, Y5)
	FOLD(Z2, Y2, Y6)
	FOLD(Z3, Y3, Y7)
	VPHADDD      Y1, Y0, Y0
	VPHADDD      Y3, Y2, Y2
	VPHADDD      Y2, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VMOVDQU      X0, (DI)
	ADDQ         $16, DI
	LEAQ         (SI)(R9*4), SI
	SUBQ         $4, BX
	JMP          four

one:
	TESTQ     BX, BX
	JZ        done
	VMOVDQA64 Z15, Z0
	XORQ      AX, AX

one64:
	CMPQ     AX, R10
	JGE      onetail
	VMOVDQU8 (DX)(AX*1), Z12
	STEP(SI, Z0, Z4)
	ADDQ     $64, AX
	JMP      one64

onetail:
	CMPQ       AX, R9
	JGE        onesum
	VMOVDQU8.Z (DX)(AX*1), K1, Z12
	STEP_MASKED(SI, Z0, Z4)

onesum:
	FOLD(Z0, Y0, Y4)
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPHADDD      X0, X0, X0
	VPHADDD      X0, X0, X0
	VMOVD        X0, (DI)
	ADDQ         $4, DI
	ADDQ         R9, SI
	DECQ         BX
	JMP          one

done:
	VZEROUPPER
	RET

// func lowDotRowsVNNI(dst *int32, high, low *int8, picked *int32, n, dim int, qHigh, qLow *int8)
//
// One row after the other: first digits with second ones, both ways, and second
// digits with second ones. dim is a multiple of 64. Z15 and Z11 undo the flip
// of the rows in the two sums.
TEXT ·lowDotRowsVNNI(SB), NOSPLIT, $0-64
	MOVQ dst+0(FP), DI
	MOVQ high+8(FP), SI
	MOVQ low+16(FP), R8
	MOVQ picked+24(FP), R10
	MOVQ n+32(FP), BX
	MOVQ dim+40(FP), R9
	MOVQ qHigh+48(FP), DX
	MOVQ qLow+56(FP), CX

	MOVL         $0x80808080, R11
	VPBROADCASTD R11, Z14
	VPXORD       Z10, Z10, Z10
	VPXORD       Z11, Z11, Z11
	XORQ         AX, AX

lowbias:
	VMOVDQU8 (DX)(AX*1), Z12
	VPDPBUSD Z12, Z14, Z10
	VMOVDQU8 (CX)(AX*1), Z13
	VPDPBUSD Z13, Z14, Z11
	ADDQ     $64, AX
	CMPQ     AX, R9
	JLT      lowbias
	VPADDD   Z11, Z10, Z10
	VPXORD   Z13, Z13, Z13
	VPSUBD   Z10, Z13, Z15
	VPSUBD   Z11, Z13, Z11

lowrow:
	MOVLQSX   (R10), R11
	IMULQ     R9, R11
	LEAQ      (SI)(R11*1), R12
	LEAQ      (R8)(R11*1), R13
	VMOVDQA64 Z15, Z0
	VPXORD    Z1, Z1, Z1
	VMOVDQA64 Z11, Z2
	XORQ      AX, AX

low64:
	VMOVDQU8 (DX)(AX*1), Z12
	VMOVDQU8 (CX)(AX*1), Z13
	VPXORD   (R13)(AX*1), Z14, Z4
	VPDPBUSD Z12, Z4, Z0
	VPDPBUSD Z13, Z4, Z2
	VPXORD   (R12)(AX*1), Z14, Z5
	VPDPBUSD Z13, Z5, Z1
	ADDQ     $64, AX
	CMPQ     AX, R9
	JLT      low64

	VPADDD       Z1, Z0, Z0
	FOLD(Z0, Y0, Y4)
	FOLD(Z2, Y2, Y5)
	VPHADDD      Y2, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPHADDD      X0, X0, X0
	VMOVQ        X0, (DI)
	ADDQ         $8, DI
	ADDQ         $4, R10
	DECQ         BX
	JNZ          lowrow
	VZEROUPPER
	RET
