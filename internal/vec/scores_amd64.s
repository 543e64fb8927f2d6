#include "textflag.h"

// func firstAboveAVX2(values *float32, n int, limit float32) int
//
// 32 at a time, then eight; stops at the first hit of eight or where fewer
// than eight are left.
TEXT ·firstAboveAVX2(SB), NOSPLIT, $0-32
	MOVQ         values+0(FP), SI
	MOVQ         n+8(FP), CX
	VBROADCASTSS limit+16(FP), Y0
	XORQ         AX, AX
	MOVQ         CX, BX
	SUBQ         $32, BX
	SUBQ         $8, CX

many:
	CMPQ      AX, BX
	JGT       eight
	VMOVUPS   (SI)(AX*4), Y1
	VMOVUPS   32(SI)(AX*4), Y2
	VMAXPS    64(SI)(AX*4), Y1, Y1
	VMAXPS    96(SI)(AX*4), Y2, Y2
	VMAXPS    Y2, Y1, Y1
	VCMPPS    $0x1e, Y0, Y1, Y2  // greater than
	VMOVMSKPS Y2, DX
	TESTL     DX, DX
	JNZ       eight
	ADDQ      $32, AX
	JMP       many

eight:
	CMPQ      AX, CX
	JGT       out
	VMOVUPS   (SI)(AX*4), Y1
	VCMPPS    $0x1e, Y0, Y1, Y2
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
	MOVQ AX, ret+24(FP)
	RET

// func scoresI8AVX2(dst *float32, sums *int32, scales *float32, n int)
//
// n is a multiple of 8.
TEXT ·scoresI8AVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ sums+8(FP), SI
	MOVQ scales+16(FP), DX
	MOVQ n+24(FP), CX
	XORQ AX, AX

next:
	CMPQ      AX, CX
	JGE       end
	VCVTDQ2PS (SI)(AX*4), Y0
	VMULPS    (DX)(AX*4), Y0, Y0
	VMOVUPS   Y0, (DI)(AX*4)
	ADDQ      $8, AX
	JMP       next

end:
	VZEROUPPER
	RET
