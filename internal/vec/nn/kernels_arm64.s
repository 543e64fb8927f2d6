#include "textflag.h"

// Instructions that Go's assembler does not know, on four floats: m and n are the
// operands, d is the result, each the number of a vector register.
#define FMUL(m, n, d) WORD $(0x6e20dc00 | (m)<<16 | (n)<<5 | (d))
#define FDIV(m, n, d) WORD $(0x6e20fc00 | (m)<<16 | (n)<<5 | (d)) // d = n / m
#define FMAX(m, n, d) WORD $(0x4e20f400 | (m)<<16 | (n)<<5 | (d))
#define FMIN(m, n, d) WORD $(0x4ea0f400 | (m)<<16 | (n)<<5 | (d))

#define CLEAR4(a, b, c, d) \
	VEOR a.B16, a.B16, a.B16 \
	VEOR b.B16, b.B16, b.B16 \
	VEOR c.B16, c.B16, c.B16 \
	VEOR d.B16, d.B16, d.B16

// A row of b is in V0 … V3; x is the row of a, a … d are its sums.
#define ADD_ROW(x, a, b, c, d) \
	VLD1R.P 4(x), [V4.S4]      \
	VFMLA   V0.S4, V4.S4, a    \
	VFMLA   V1.S4, V4.S4, b    \
	VFMLA   V2.S4, V4.S4, c    \
	VFMLA   V3.S4, V4.S4, d

#define ROW0 ADD_ROW(R1, V16.S4, V17.S4, V18.S4, V19.S4)
#define ROW1 ADD_ROW(R8, V20.S4, V21.S4, V22.S4, V23.S4)
#define ROW2 ADD_ROW(R9, V24.S4, V25.S4, V26.S4, V27.S4)
#define ROW3 ADD_ROW(R10, V28.S4, V29.S4, V30.S4, V31.S4)

#define LOAD_B VLD1.P 64(R2), [V0.S4, V1.S4, V2.S4, V3.S4]

#define STORE_ROW(k, A, B, C, D) \
	VLD1R.P 4(R7), [V4.S4]     \
	FMUL(4, k, k)              \
	FMUL(4, (k)+1, (k)+1)      \
	FMUL(4, (k)+2, (k)+2)      \
	FMUL(4, (k)+3, (k)+3)      \
	VST1    [A, B, C, D], (R0) \
	ADD     R3, R0

#define STORE_ROW0 STORE_ROW(16, V16.S4, V17.S4, V18.S4, V19.S4)
#define STORE_ROW1 STORE_ROW(20, V20.S4, V21.S4, V22.S4, V23.S4)
#define STORE_ROW2 STORE_ROW(24, V24.S4, V25.S4, V26.S4, V27.S4)
#define STORE_ROW3 STORE_ROW(28, V28.S4, V29.S4, V30.S4, V31.S4)

// func productNEON(dst, a, b *float32, dstStride, aStride, height, inner int, scales *float32)
//
// Up to four rows of 16 columns; a step is a row of b and a column of a.
TEXT ·productNEON(SB), NOSPLIT, $0-64
	MOVD dst+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD dstStride+24(FP), R3
	MOVD aStride+32(FP), R4
	MOVD height+40(FP), R5
	MOVD inner+48(FP), R6
	MOVD scales+56(FP), R7
	ADD  R4, R1, R8
	ADD  R4, R8, R9
	ADD  R4, R9, R10
	CLEAR4(V16, V17, V18, V19)
	CLEAR4(V20, V21, V22, V23)
	CLEAR4(V24, V25, V26, V27)
	CLEAR4(V28, V29, V30, V31)
	CMP  $2, R5
	BLT  one
	BEQ  two
	CMP  $3, R5
	BEQ  three

four:
	LOAD_B
	ROW0
	ROW1
	ROW2
	ROW3
	SUBS $1, R6
	BNE  four
	STORE_ROW0
	STORE_ROW1
	STORE_ROW2
	STORE_ROW3
	RET

three:
	LOAD_B
	ROW0
	ROW1
	ROW2
	SUBS $1, R6
	BNE  three
	STORE_ROW0
	STORE_ROW1
	STORE_ROW2
	RET

two:
	LOAD_B
	ROW0
	ROW1
	SUBS $1, R6
	BNE  two
	STORE_ROW0
	STORE_ROW1
	RET

one:
	LOAD_B
	ROW0
	SUBS $1, R6
	BNE  one
	STORE_ROW0
	RET

// The polynomial goes on with the next coefficient c: p becomes p·u + c. V1 is u.
#define NEXT(c, p, t) \
	VMOV  c.B16, t.B16 \
	VFMLA V1.S4, p.S4, t.S4

// func geluNEON(x *float32, n int, numbers *float32)
//
// Four at a time; n is a multiple of 4. Numbers are the coefficients of P, of Q,
// the end, minus the end, and a half.
TEXT ·geluNEON(SB), NOSPLIT, $0-24
	MOVD x+0(FP), R0
	MOVD n+8(FP), R1
	MOVD numbers+16(FP), R2
	VLD1R.P 4(R2), [V16.S4]
	VLD1R.P 4(R2), [V17.S4]
	VLD1R.P 4(R2), [V18.S4]
	VLD1R.P 4(R2), [V19.S4]
	VLD1R.P 4(R2), [V20.S4]
	VLD1R.P 4(R2), [V21.S4]
	VLD1R.P 4(R2), [V22.S4]
	VLD1R.P 4(R2), [V23.S4]
	VLD1R.P 4(R2), [V24.S4]
	VLD1R.P 4(R2), [V25.S4]
	VLD1R.P 4(R2), [V26.S4]
	VLD1R.P 4(R2), [V27.S4]
	VLD1R.P 4(R2), [V28.S4]
	VLD1R.P 4(R2), [V29.S4]
	VLD1R.P 4(R2), [V30.S4]

next:
	VLD1 (R0), [V2.S4]
	FMIN(28, 2, 0)
	FMAX(29, 0, 0)
	FMUL(0, 0, 1)
	NEXT(V17, V16, V3)
	NEXT(V18, V3, V4)
	NEXT(V19, V4, V3)
	NEXT(V20, V3, V4)
	NEXT(V21, V4, V3)
	NEXT(V23, V22, V5)
	NEXT(V24, V5, V6)
	NEXT(V25, V6, V5)
	NEXT(V26, V5, V6)
	NEXT(V27, V6, V5)
	FDIV(5, 3, 3)
	VMOV  V30.B16, V4.B16
	VFMLA V0.S4, V3.S4, V4.S4
	FMUL(4, 2, 2)
	VST1.P [V2.S4], 16(R0)
	SUBS   $4, R1
	BNE    next
	RET
