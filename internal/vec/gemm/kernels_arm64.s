#include "textflag.h"

// Instructions that Go's assembler does not know: m and n are the operands, d is
// the result, each the number of a vector register.
#define SDOT(m, i, n, d) WORD $(0x4f80e000 | ((i)&1)<<21 | ((i)>>1)<<11 | (m)<<16 | (n)<<5 | (d)) // d.4S += products of signed bytes, four by four, with the i-th four of m
#define SMULL(m, n, d)   WORD $(0x0e20c000 | (m)<<16 | (n)<<5 | (d)) // d.8H = n.8B × m.8B
#define SMULL2(m, n, d)  WORD $(0x4e20c000 | (m)<<16 | (n)<<5 | (d)) // the same of the upper halves
#define SMLAL(m, n, d)   WORD $(0x0e208000 | (m)<<16 | (n)<<5 | (d)) // d.8H += n.8B × m.8B
#define SMLAL2(m, n, d)  WORD $(0x4e208000 | (m)<<16 | (n)<<5 | (d)) // the same of the upper halves
#define SADALP(n, d)     WORD $(0x4e606800 | (n)<<5 | (d))           // d.4S += neighbours of n.8H
#define SCVTF(n, d)      WORD $(0x4e21d800 | (n)<<5 | (d))           // d.4S = floats of n.4S
#define FCVTNS(n, d)     WORD $(0x4e21a800 | (n)<<5 | (d))           // d.4S = n.4S to even
#define FMUL(m, n, d)    WORD $(0x6e20dc00 | (m)<<16 | (n)<<5 | (d))
#define FADD(m, n, d)    WORD $(0x4e20d400 | (m)<<16 | (n)<<5 | (d))
#define FMAX(m, n, d)    WORD $(0x4e20f400 | (m)<<16 | (n)<<5 | (d))
#define FMAXV(n, d)      WORD $(0x6e30f800 | (n)<<5 | (d))
#define FABS(n, d)       WORD $(0x4ea0f800 | (n)<<5 | (d))
#define XTN32(n, d)      WORD $(0x0e612800 | (n)<<5 | (d))           // d.4H = n.4S
#define XTN32U(n, d)     WORD $(0x4e612800 | (n)<<5 | (d))           // the upper half of d
#define XTN16(n, d)      WORD $(0x0e212800 | (n)<<5 | (d))           // d.8B = n.8H
#define XTN16U(n, d)     WORD $(0x4e212800 | (n)<<5 | (d))           // the upper half of d

#define CLEAR4(a, b, c, d) \
	VEOR a.B16, a.B16, a.B16 \
	VEOR b.B16, b.B16, b.B16 \
	VEOR c.B16, c.B16, c.B16 \
	VEOR d.B16, d.B16, d.B16

#define ARGUMENTS \
	MOVD dst+0(FP), R0        \
	MOVD dstStride+8(FP), R1  \
	MOVD height+16(FP), R2    \
	MOVD inputs+24(FP), R3    \
	MOVD panel+32(FP), R4     \
	MOVD scales+40(FP), R5    \
	MOVD bias+48(FP), R6      \
	MOVD rowScales+56(FP), R7 \
	MOVD a+64(FP), R8

// The scales and biases of 16 outputs are in V0 … V3 and V4 … V7. A row's sums in d
// and the three after it are scaled and stored; R7 is the row's scale.
#define LOAD_SCALES \
	VLD1 (R5), [V0.S4, V1.S4, V2.S4, V3.S4] \
	VLD1 (R6), [V4.S4, V5.S4, V6.S4, V7.S4]

#define SCALE(d, k) \
	SCVTF(d, d)         \
	FMUL(8, d, d)       \
	FMUL(k, d, d)       \
	FADD((k)+4, d, d)

#define STORE_ROW(d, A, B, C, D) \
	VLD1R.P 4(R7), [V8.S4]   \
	SCALE(d, 0)              \
	SCALE((d)+1, 1)          \
	SCALE((d)+2, 2)          \
	SCALE((d)+3, 3)          \
	VST1    [A, B, C, D], (R0) \
	ADD     R1, R0

#define STORE_ROW0 STORE_ROW(16, V16.S4, V17.S4, V18.S4, V19.S4)
#define STORE_ROW1 STORE_ROW(20, V20.S4, V21.S4, V22.S4, V23.S4)
#define STORE_ROW2 STORE_ROW(24, V24.S4, V25.S4, V26.S4, V27.S4)
#define STORE_ROW3 STORE_ROW(28, V28.S4, V29.S4, V30.S4, V31.S4)

// A block of weights, 16 outputs × 4 inputs in V0 … V3, times the i-th four inputs
// of the row in register a, onto d and the three after it.
#define LOAD_BLOCK VLD1.P 64(R4), [V0.B16, V1.B16, V2.B16, V3.B16]
#define DOT(i, a, d) \
	SDOT(a, i, 0, d)     \
	SDOT(a, i, 1, (d)+1) \
	SDOT(a, i, 2, (d)+2) \
	SDOT(a, i, 3, (d)+3)

#define BLOCK1(i) LOAD_BLOCK; DOT(i, 4, 16)
#define BLOCK2(i) BLOCK1(i); DOT(i, 5, 20)
#define BLOCK3(i) BLOCK2(i); DOT(i, 6, 24)
#define BLOCK4(i) BLOCK3(i); DOT(i, 7, 28)

// func multiplySDOT(dst *float32, dstStride, height, inputs int, panel *int8, scales, bias, rowScales *float32, a *uint8)
//
// Up to four rows of 16 outputs; 16 inputs a step.
TEXT ·multiplySDOT(SB), NOSPLIT, $0-72
	ARGUMENTS
	ADD R3, R8, R9
	ADD R3, R9, R10
	ADD R3, R10, R11
	CLEAR4(V16, V17, V18, V19)
	CLEAR4(V20, V21, V22, V23)
	CLEAR4(V24, V25, V26, V27)
	CLEAR4(V28, V29, V30, V31)
	CMP $2, R2
	BLT one
	BEQ two
	CMP $3, R2
	BEQ three

four:
	VLD1.P 16(R8), [V4.B16]
	VLD1.P 16(R9), [V5.B16]
	VLD1.P 16(R10), [V6.B16]
	VLD1.P 16(R11), [V7.B16]
	BLOCK4(0)
	BLOCK4(1)
	BLOCK4(2)
	BLOCK4(3)
	SUBS   $16, R3
	BNE    four
	LOAD_SCALES
	STORE_ROW0
	STORE_ROW1
	STORE_ROW2
	STORE_ROW3
	RET

three:
	VLD1.P 16(R8), [V4.B16]
	VLD1.P 16(R9), [V5.B16]
	VLD1.P 16(R10), [V6.B16]
	BLOCK3(0)
	BLOCK3(1)
	BLOCK3(2)
	BLOCK3(3)
	SUBS   $16, R3
	BNE    three
	LOAD_SCALES
	STORE_ROW0
	STORE_ROW1
	STORE_ROW2
	RET

two:
	VLD1.P 16(R8), [V4.B16]
	VLD1.P 16(R9), [V5.B16]
	BLOCK2(0)
	BLOCK2(1)
	BLOCK2(2)
	BLOCK2(3)
	SUBS   $16, R3
	BNE    two
	LOAD_SCALES
	STORE_ROW0
	STORE_ROW1
	RET

one:
	VLD1.P 16(R8), [V4.B16]
	BLOCK1(0)
	BLOCK1(1)
	BLOCK1(2)
	BLOCK1(3)
	SUBS   $16, R3
	BNE    one
	LOAD_SCALES
	STORE_ROW0
	RET

// Two blocks of weights times eight inputs of a row, in V10 and V11, in 16 bits:
// two products of 127 × 128 fit. Neighbours are added to lower and upper, the sums
// of outputs 0 and 1 and of 2 and 3 of four.
#define PAIR(n, lower, upper) \
	SMULL(10, n, 12)       \
	SMLAL(11, (n)+4, 12)   \
	SADALP(12, lower)      \
	SMULL2(10, n, 13)      \
	SMLAL2(11, (n)+4, 13)  \
	SADALP(13, upper)

#define PAIRS(d) \
	PAIR(0, d, (d)+1)     \
	PAIR(1, (d)+2, (d)+3) \
	PAIR(2, (d)+4, (d)+5) \
	PAIR(3, (d)+6, (d)+7)

#define LOAD_BLOCKS \
	VLD1.P 64(R4), [V0.B16, V1.B16, V2.B16, V3.B16] \
	VLD1.P 64(R4), [V4.B16, V5.B16, V6.B16, V7.B16]

// func multiplySMULL(dst *float32, dstStride, height, inputs int, panel *int8, scales, bias, rowScales *float32, a *uint8)
//
// For processors without SDOT: one or two rows of 16 outputs; 8 inputs a step.
TEXT ·multiplySMULL(SB), NOSPLIT, $0-72
	ARGUMENTS
	ADD R3, R8, R9
	CLEAR4(V16, V17, V18, V19)
	CLEAR4(V20, V21, V22, V23)
	CLEAR4(V24, V25, V26, V27)
	CLEAR4(V28, V29, V30, V31)
	CMP $1, R2
	BEQ one

two:
	VLD1.P 8(R8), [V14.B8]
	VLD1.P 8(R9), [V15.B8]
	LOAD_BLOCKS
	VDUP   V14.S[0], V10.S4
	VDUP   V14.S[1], V11.S4
	PAIRS(16)
	VDUP   V15.S[0], V10.S4
	VDUP   V15.S[1], V11.S4
	PAIRS(24)
	SUBS   $8, R3
	BNE    two
	LOAD_SCALES
	VADDP  V17.S4, V16.S4, V16.S4
	VADDP  V19.S4, V18.S4, V17.S4
	VADDP  V21.S4, V20.S4, V18.S4
	VADDP  V23.S4, V22.S4, V19.S4
	STORE_ROW0
	VADDP  V25.S4, V24.S4, V20.S4
	VADDP  V27.S4, V26.S4, V21.S4
	VADDP  V29.S4, V28.S4, V22.S4
	VADDP  V31.S4, V30.S4, V23.S4
	STORE_ROW1
	RET

one:
	VLD1.P 8(R8), [V14.B8]
	LOAD_BLOCKS
	VDUP   V14.S[0], V10.S4
	VDUP   V14.S[1], V11.S4
	PAIRS(16)
	SUBS   $8, R3
	BNE    one
	LOAD_SCALES
	VADDP  V17.S4, V16.S4, V16.S4
	VADDP  V19.S4, V18.S4, V17.S4
	VADDP  V21.S4, V20.S4, V18.S4
	VADDP  V23.S4, V22.S4, V19.S4
	STORE_ROW0
	RET

// func largestNEON(x *float32, n int) float32
//
// The largest magnitude; n is a multiple of 16.
TEXT ·largestNEON(SB), NOSPLIT, $0-20
	MOVD x+0(FP), R0
	MOVD n+8(FP), R1
	CLEAR4(V16, V17, V18, V19)

largest:
	VLD1.P 64(R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	FABS(0, 0)
	FABS(1, 1)
	FABS(2, 2)
	FABS(3, 3)
	FMAX(0, 16, 16)
	FMAX(1, 17, 17)
	FMAX(2, 18, 18)
	FMAX(3, 19, 19)
	SUBS   $16, R1
	BNE    largest
	FMAX(17, 16, 16)
	FMAX(19, 18, 18)
	FMAX(18, 16, 16)
	FMAXV(16, 0)
	FMOVS  F0, ret+16(FP)
	RET

// func quantizeRowNEON(dst *uint8, x *float32, n int, per float32)
//
// per × x, rounded to even, as signed bytes; n is a multiple of 16.
TEXT ·quantizeRowNEON(SB), NOSPLIT, $0-28
	MOVD  dst+0(FP), R0
	MOVD  x+8(FP), R1
	MOVD  n+16(FP), R2
	FMOVS per+24(FP), F8
	VDUP  V8.S[0], V8.S4

quantize:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FMUL(8, 0, 0)
	FMUL(8, 1, 1)
	FMUL(8, 2, 2)
	FMUL(8, 3, 3)
	FCVTNS(0, 0)
	FCVTNS(1, 1)
	FCVTNS(2, 2)
	FCVTNS(3, 3)
	XTN32(0, 4)
	XTN32U(1, 4)
	XTN32(2, 5)
	XTN32U(3, 5)
	XTN16(4, 6)
	XTN16U(5, 6)
	VST1.P [V6.B16], 16(R0)
	SUBS   $16, R2
	BNE    quantize
	RET
