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

DATA infinity<>+0(SB)/4, $0x7f800000
GLOBL infinity<>(SB), RODATA|NOPTR, $4

// func eighthFloorAVX2(most *float32, values *float32, n int) float32
//
// n is a multiple of 16, at least 16; most is room for 16 values. The largest
// of each lane are stored there, and of those that at most seven are above the
// least is taken.
TEXT ·eighthFloorAVX2(SB), NOSPLIT, $0-28
	MOVQ    most+0(FP), DI
	MOVQ    values+8(FP), SI
	MOVQ    n+16(FP), CX
	VMOVUPS (SI), Y0
	VMOVUPS 32(SI), Y1
	MOVQ    $16, AX

raise:
	CMPQ   AX, CX
	JGE    raised
	VMAXPS (SI)(AX*4), Y0, Y0
	VMAXPS 32(SI)(AX*4), Y1, Y1
	ADDQ   $16, AX
	JMP    raise

raised:
	VMOVUPS Y0, (DI)
	VMOVUPS Y1, 32(DI)
	LEAQ    infinity<>(SB), R8
	VMOVSS  (R8), X3
	MOVQ    $16, CX

rank:
	VBROADCASTSS (DI), Y2
	VCMPPS       $0x1e, Y2, Y0, Y4  // greater than
	VCMPPS       $0x1e, Y2, Y1, Y5
	VMOVMSKPS    Y4, AX
	VMOVMSKPS    Y5, DX
	SHLL         $8, DX
	ORL          DX, AX
	POPCNTL      AX, AX
	MOVQ         DI, BX
	CMPL         AX, $7
	CMOVQGT      R8, BX
	VMINSS       (BX), X3, X3
	ADDQ         $4, DI
	DECQ         CX
	JNZ          rank
	VMOVSS       X3, ret+24(FP)
	VZEROUPPER
	RET

// func reachMaskAVX2(values *float32, n int, limit float32) uint64
//
// n is a multiple of 8, at most 64. Bit i says that value i is at least limit.
TEXT ·reachMaskAVX2(SB), NOSPLIT, $0-32
	MOVQ         values+0(FP), SI
	MOVQ         n+8(FP), BX
	VBROADCASTSS limit+16(FP), Y0
	XORQ         AX, AX
	XORQ         CX, CX

reach:
	CMPQ      CX, BX
	JGE       reached
	VMOVUPS   (SI)(CX*4), Y1
	VCMPPS    $0x1d, Y0, Y1, Y1  // greater or equal
	VMOVMSKPS Y1, DX
	SHLQ      CX, DX
	ORQ       DX, AX
	ADDQ      $8, CX
	JMP       reach

reached:
	VZEROUPPER
	MOVQ AX, ret+24(FP)
	RET
