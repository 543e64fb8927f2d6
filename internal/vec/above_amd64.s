#include "textflag.h"

// func firstAboveAVX2(sums *int32, scales *float32, n int, limit float32) int
//
// Eight at a time; stops at the first hit or where fewer than eight are left.
TEXT ·firstAboveAVX2(SB), NOSPLIT, $0-40
	MOVQ         sums+0(FP), SI
	MOVQ         scales+8(FP), DI
	MOVQ         n+16(FP), CX
	VBROADCASTSS limit+24(FP), Y0
	XORQ         AX, AX
	SUBQ         $8, CX

eight:
	CMPQ      AX, CX
	JGT       out
	VCVTDQ2PS (SI)(AX*4), Y1
	VMULPS    (DI)(AX*4), Y1, Y1
	VCMPPS    $0x1e, Y0, Y1, Y2  // greater than, false for NaN
	VMOVMSKPS Y2, DX
	TESTL     DX, DX
	JNZ       hit
	ADDQ      $8, AX
	JMP       eight

hit:
	BSFL DX, DX
	ADDQ DX, AX

out:
	VZEROUPPER
	MOVQ AX, ret+32(FP)
	RET
