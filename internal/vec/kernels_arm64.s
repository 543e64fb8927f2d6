#include "textflag.h"

// Instructions that Go's assembler does not know: m and n are the operands, d is
// the result, each the number of a vector register.
#define SDOT(m, n, d)    WORD $(0x4e809400 | (m)<<16 | (n)<<5 | (d)) // d.4S += products of signed bytes, four by four
#define SMULL(m, n, d)   WORD $(0x0e20c000 | (m)<<16 | (n)<<5 | (d)) // d.8H = n.8B × m.8B
#define SMULL2(m, n, d)  WORD $(0x4e20c000 | (m)<<16 | (n)<<5 | (d)) // the same of the upper halves
#define SADALP(n, d)     WORD $(0x4e606800 | (n)<<5 | (d))           // d.4S += neighbours of n.8H
#define ADDV(n, d)       WORD $(0x4eb1b800 | (n)<<5 | (d))           // d.S = sum of n.4S
#define SXTL8(n, d)      WORD $(0x0f08a400 | (n)<<5 | (d))           // d.8H = n.8B
#define SXTL8U(n, d)     WORD $(0x4f08a400 | (n)<<5 | (d))           // the upper half of n
#define SXTL16(n, d)     WORD $(0x0f10a400 | (n)<<5 | (d))           // d.4S = n.4H
#define SXTL16U(n, d)    WORD $(0x4f10a400 | (n)<<5 | (d))           // the upper half of n
#define SCVTF(n, d)      WORD $(0x4e21d800 | (n)<<5 | (d))           // d.4S = floats of n.4S
#define FMUL(m, n, d)    WORD $(0x6e20dc00 | (m)<<16 | (n)<<5 | (d))
#define FADD(m, n, d)    WORD $(0x4e20d400 | (m)<<16 | (n)<<5 | (d))
#define FADDP(m, n, d)   WORD $(0x6e20d400 | (m)<<16 | (n)<<5 | (d)) // sums of neighbours
#define FADDPS(n, d)     WORD $(0x7e30d800 | (n)<<5 | (d))           // d.S = n.S[0] + n.S[1]

// Four accumulators of a row, in one fixed order, into the lowest lane of a.
#define SUM_ROW(a, b, c, e) \
	FADD(b, a, a)  \
	FADD(e, c, c)  \
	FADD(c, a, a)  \
	FADDP(a, a, a) \
	FADDPS(a, a)

// func dotRowsNEON(dst, rows *float32, n, dim int, q *float32)
//
// 16 components a step, two rows at a time; dim is a multiple of 16.
TEXT ·dotRowsNEON(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD rows+8(FP), R1
	MOVD n+16(FP), R2
	MOVD dim+24(FP), R3
	MOVD q+32(FP), R4

pair:
	CMP  $2, R2
	BLT  one
	ADD  R3<<2, R1, R6
	MOVD R4, R7
	MOVD R3, R8
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16
	VEOR V4.B16, V4.B16, V4.B16
	VEOR V5.B16, V5.B16, V5.B16
	VEOR V6.B16, V6.B16, V6.B16
	VEOR V7.B16, V7.B16, V7.B16

pair16:
	VLD1.P 64(R7), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 64(R1), [V20.S4, V21.S4, V22.S4, V23.S4]
	VLD1.P 64(R6), [V24.S4, V25.S4, V26.S4, V27.S4]
	VFMLA  V16.S4, V20.S4, V0.S4
	VFMLA  V17.S4, V21.S4, V1.S4
	VFMLA  V18.S4, V22.S4, V2.S4
	VFMLA  V19.S4, V23.S4, V3.S4
	VFMLA  V16.S4, V24.S4, V4.S4
	VFMLA  V17.S4, V25.S4, V5.S4
	VFMLA  V18.S4, V26.S4, V6.S4
	VFMLA  V19.S4, V27.S4, V7.S4
	SUBS   $16, R8
	BNE    pair16
	SUM_ROW(0, 1, 2, 3)
	SUM_ROW(4, 5, 6, 7)
	FMOVS  F0, (R0)
	FMOVS  F4, 4(R0)
	ADD    $8, R0
	MOVD   R6, R1
	SUB    $2, R2
	B      pair

one:
	CBZ  R2, done
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16

one16:
	VLD1.P 64(R4), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 64(R1), [V20.S4, V21.S4, V22.S4, V23.S4]
	VFMLA  V16.S4, V20.S4, V0.S4
	VFMLA  V17.S4, V21.S4, V1.S4
	VFMLA  V18.S4, V22.S4, V2.S4
	VFMLA  V19.S4, V23.S4, V3.S4
	SUBS   $16, R3
	BNE    one16
	SUM_ROW(0, 1, 2, 3)
	FMOVS  F0, (R0)

done:
	RET

// func axpyNEON(alpha float32, x, y *float32, n int)
//
// n is a multiple of 16.
TEXT ·axpyNEON(SB), NOSPLIT, $0-32
	FMOVS alpha+0(FP), F0
	VDUP  V0.S[0], V0.S4
	MOVD  x+8(FP), R0
	MOVD  y+16(FP), R1
	MOVD  n+24(FP), R2

axpy16:
	VLD1.P 64(R0), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1   (R1), [V20.S4, V21.S4, V22.S4, V23.S4]
	VFMLA  V16.S4, V0.S4, V20.S4
	VFMLA  V17.S4, V0.S4, V21.S4
	VFMLA  V18.S4, V0.S4, V22.S4
	VFMLA  V19.S4, V0.S4, V23.S4
	VST1.P [V20.S4, V21.S4, V22.S4, V23.S4], 64(R1)
	SUBS   $16, R2
	BNE    axpy16
	RET

// func dotRowsI8SDOT(dst *int32, rows *int8, n, dim int, q *int8)
//
// 16 components a step, four rows at a time; dim is a multiple of 16.
TEXT ·dotRowsI8SDOT(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD rows+8(FP), R1
	MOVD n+16(FP), R2
	MOVD dim+24(FP), R3
	MOVD q+32(FP), R4

four:
	CMP  $4, R2
	BLT  one
	ADD  R3, R1, R5
	ADD  R3, R5, R6
	ADD  R3, R6, R9
	MOVD R4, R7
	MOVD R3, R8
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16
	VEOR V2.B16, V2.B16, V2.B16
	VEOR V3.B16, V3.B16, V3.B16

four16:
	VLD1.P 16(R7), [V16.B16]
	VLD1.P 16(R1), [V17.B16]
	VLD1.P 16(R5), [V18.B16]
	VLD1.P 16(R6), [V19.B16]
	VLD1.P 16(R9), [V20.B16]
	SDOT(16, 17, 0)
	SDOT(16, 18, 1)
	SDOT(16, 19, 2)
	SDOT(16, 20, 3)
	SUBS   $16, R8
	BNE    four16
	VADDP  V1.S4, V0.S4, V0.S4
	VADDP  V3.S4, V2.S4, V2.S4
	VADDP  V2.S4, V0.S4, V0.S4
	VST1.P [V0.S4], 16(R0)
	MOVD   R9, R1
	SUB    $4, R2
	B      four

one:
	CBZ  R2, done
	MOVD R4, R7
	MOVD R3, R8
	VEOR V0.B16, V0.B16, V0.B16

one16:
	VLD1.P 16(R7), [V16.B16]
	VLD1.P 16(R1), [V17.B16]
	SDOT(16, 17, 0)
	SUBS   $16, R8
	BNE    one16
	ADDV(0, 0)
	FMOVS  F0, (R0)
	ADD    $4, R0
	SUB    $1, R2
	B      one

done:
	RET

// func dotRowsI8SMULL(dst *int32, rows *int8, n, dim int, q *int8)
//
// For processors without SDOT: products in 16 bits, one row at a time; dim is a
// multiple of 16.
TEXT ·dotRowsI8SMULL(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), R0
	MOVD rows+8(FP), R1
	MOVD n+16(FP), R2
	MOVD dim+24(FP), R3
	MOVD q+32(FP), R4

row:
	MOVD R4, R7
	MOVD R3, R8
	VEOR V0.B16, V0.B16, V0.B16
	VEOR V1.B16, V1.B16, V1.B16

row16:
	VLD1.P 16(R7), [V16.B16]
	VLD1.P 16(R1), [V17.B16]
	SMULL(16, 17, 18)
	SMULL2(16, 17, 19)
	SADALP(18, 0)
	SADALP(19, 1)
	SUBS   $16, R8
	BNE    row16
	VADD   V1.S4, V0.S4, V0.S4
	ADDV(0, 0)
	FMOVS  F0, (R0)
	ADD    $4, R0
	SUBS   $1, R2
	BNE    row
	RET

// 16 bytes of n as floats in a, b, c, e.
#define FLOATS16(n, a, b, c, e) \
	SXTL8(n, a)    \
	SXTL8U(n, c)   \
	SXTL16U(a, b)  \
	SXTL16(a, a)   \
	SXTL16U(c, e)  \
	SXTL16(c, c)   \
	SCVTF(a, a)    \
	SCVTF(b, b)    \
	SCVTF(c, c)    \
	SCVTF(e, e)

// Columns of a row of w, times its value, onto eight accumulators. R10 is the next
// id, R11 the next value.
#define ROW_OF_FLOATS \
	MOVWU.P 4(R10), R12                                  \
	MADD    R2, R1, R12, R12                             \
	VLD1R.P 4(R11), [V8.S4]                              \
	VLD1.P  64(R12), [V16.S4, V17.S4, V18.S4, V19.S4]    \
	VLD1    (R12), [V20.S4, V21.S4, V22.S4, V23.S4]

#define ROW_OF_BYTES \
	MOVWU.P 4(R10), R12             \
	MADD    R2, R1, R12, R12        \
	VLD1R.P 4(R11), [V8.S4]         \
	VLD1    (R12), [V9.B16, V10.B16] \
	FLOATS16(9, 16, 17, 18, 19)     \
	FLOATS16(10, 20, 21, 22, 23)

#define ADD_ROW \
	VFMLA V16.S4, V8.S4, V0.S4 \
	VFMLA V17.S4, V8.S4, V1.S4 \
	VFMLA V18.S4, V8.S4, V2.S4 \
	VFMLA V19.S4, V8.S4, V3.S4 \
	VFMLA V20.S4, V8.S4, V4.S4 \
	VFMLA V21.S4, V8.S4, V5.S4 \
	VFMLA V22.S4, V8.S4, V6.S4 \
	VFMLA V23.S4, V8.S4, V7.S4

// func sumRowsNEON(dst, w *float32, stride int, ids *uint32, vals *float32, n int)
//
// Stripes of 32 columns; stride is a multiple of that, n more than 0.
TEXT ·sumRowsNEON(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD w+8(FP), R1
	MOVD stride+16(FP), R3
	MOVD ids+24(FP), R4
	MOVD vals+32(FP), R5
	MOVD n+40(FP), R6
	LSL  $2, R3, R2 // bytes of a row
	ADD  $64, R0, R9

stripe:
	VLD1 (R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1 (R9), [V4.S4, V5.S4, V6.S4, V7.S4]
	MOVD R4, R10
	MOVD R5, R11
	MOVD R6, R8

row:
	ROW_OF_FLOATS
	ADD_ROW
	SUBS   $1, R8
	BNE    row
	VST1   [V0.S4, V1.S4, V2.S4, V3.S4], (R0)
	VST1   [V4.S4, V5.S4, V6.S4, V7.S4], (R9)
	ADD    $128, R0
	ADD    $128, R9
	ADD    $128, R1
	SUBS   $32, R3
	BNE    stripe
	RET

// func sumRowsI8NEON(dst *float32, w *int8, stride int, ids *uint32, vals *float32, n int)
TEXT ·sumRowsI8NEON(SB), NOSPLIT, $0-48
	MOVD dst+0(FP), R0
	MOVD w+8(FP), R1
	MOVD stride+16(FP), R3
	MOVD ids+24(FP), R4
	MOVD vals+32(FP), R5
	MOVD n+40(FP), R6
	MOVD R3, R2 // bytes of a row
	ADD  $64, R0, R9

stripe:
	VLD1 (R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1 (R9), [V4.S4, V5.S4, V6.S4, V7.S4]
	MOVD R4, R10
	MOVD R5, R11
	MOVD R6, R8

row:
	ROW_OF_BYTES
	ADD_ROW
	SUBS   $1, R8
	BNE    row
	VST1   [V0.S4, V1.S4, V2.S4, V3.S4], (R0)
	VST1   [V4.S4, V5.S4, V6.S4, V7.S4], (R9)
	ADD    $128, R0
	ADD    $128, R9
	ADD    $32, R1
	SUBS   $32, R3
	BNE    stripe
	RET

// func addScaledInt8NEON(dst *float32, row *byte, scale float32, n int)
//
// Multiplies and adds apart, not fused: the bits of the plain loop. n is a
// multiple of 16.
TEXT ·addScaledInt8NEON(SB), NOSPLIT, $0-32
	MOVD  dst+0(FP), R0
	MOVD  row+8(FP), R1
	FMOVS scale+16(FP), F8
	VDUP  V8.S[0], V8.S4
	MOVD  n+24(FP), R2

add16:
	VLD1.P 16(R1), [V9.B16]
	VLD1   (R0), [V0.S4, V1.S4, V2.S4, V3.S4]
	FLOATS16(9, 16, 17, 18, 19)
	FMUL(8, 16, 16)
	FMUL(8, 17, 17)
	FMUL(8, 18, 18)
	FMUL(8, 19, 19)
	FADD(16, 0, 0)
	FADD(17, 1, 1)
	FADD(18, 2, 2)
	FADD(19, 3, 3)
	VST1.P [V0.S4, V1.S4, V2.S4, V3.S4], 64(R0)
	SUBS   $16, R2
	BNE    add16
	RET
