#include "textflag.h"

DATA absolute<>+0(SB)/4, $0x7fffffff
GLOBL absolute<>(SB), RODATA|NOPTR, $4

// func maxAbsAVX2(v *float32, n int) float32
//
// n is a multiple of 8, at least 8; no value is NaN.
TEXT ·maxAbsAVX2(SB), NOSPLIT, $0-20
	MOVQ         v+0(FP), SI
	MOVQ         n+8(FP), CX
	VBROADCASTSS absolute<>(SB), Y2
	VXORPS       Y0, Y0, Y0
	XORQ         AX, AX

larger:
	VANDPS (SI)(AX*4), Y2, Y1
	VMAXPS Y1, Y0, Y0
	ADDQ   $8, AX
	CMPQ   AX, CX
	JLT    larger

	VEXTRACTF128 $1, Y0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0x4e, X0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0xb1, X0, X1
	VMAXPS       X1, X0, X0
	VMOVSS       X0, ret+16(FP)
	VZEROUPPER
	RET

// Rounds four products of doubles to the nearest even integer, as 32 bits.
#define ROUND4(AT, X, Y) \
	VCVTPS2PD  AT, Y  \
	VMULPD     Y0, Y, Y \
	VCVTPD2DQY Y, X

// func quantizeI8AVX2(dst *int8, v *float32, n int, per float64)
//
// n is a multiple of 16. The products are of doubles, as in the plain form, so
// that every byte is the same.
TEXT ·quantizeI8AVX2(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DI
	MOVQ         v+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSD per+24(FP), Y0
	XORQ         AX, AX

quantize:
	CMPQ AX, CX
	JGE  quantized
	ROUND4((SI)(AX*4), X1, Y1)
	ROUND4(16(SI)(AX*4), X2, Y2)
	ROUND4(32(SI)(AX*4), X3, Y3)
	ROUND4(48(SI)(AX*4), X4, Y4)
	VPACKSSDW X2, X1, X1
	VPACKSSDW X4, X3, X3
	VPACKSSWB X3, X1, X1
	VMOVDQU   X1, (DI)(AX*1)
	ADDQ      $16, AX
	JMP       quantize

quantized:
	VZEROUPPER
	RET

// What the first digit leaves of four products, times the base.
#define REST4(AT, HIGH, X, Y, T, XT) \
	VCVTPS2PD AT, Y        \
	VMULPD    Y0, Y, Y     \
	VPMOVSXBD HIGH, XT     \
	VCVTDQ2PD XT, T        \
	VSUBPD    T, Y, Y      \
	VMULPD    Y9, Y, Y     \
	VCVTPD2DQY Y, X

// func quantizeLowI8AVX2(low, high *int8, v *float32, n int, per, base float64)
//
// As above, for the second digits.
TEXT ·quantizeLowI8AVX2(SB), NOSPLIT, $0-48
	MOVQ         low+0(FP), DI
	MOVQ         high+8(FP), DX
	MOVQ         v+16(FP), SI
	MOVQ         n+24(FP), CX
	VBROADCASTSD per+32(FP), Y0
	VBROADCASTSD base+40(FP), Y9
	XORQ         AX, AX

lower:
	CMPQ AX, CX
	JGE  lowered
	REST4((SI)(AX*4), (DX)(AX*1), X1, Y1, Y5, X5)
	REST4(16(SI)(AX*4), 4(DX)(AX*1), X2, Y2, Y6, X6)
	REST4(32(SI)(AX*4), 8(DX)(AX*1), X3, Y3, Y7, X7)
	REST4(48(SI)(AX*4), 12(DX)(AX*1), X4, Y4, Y8, X8)
	VPACKSSDW X2, X1, X1
	VPACKSSDW X4, X3, X3
	VPACKSSWB X3, X1, X1
	VMOVDQU   X1, (DI)(AX*1)
	ADDQ      $16, AX
	JMP       lower

lowered:
	VZEROUPPER
	RET

// func squaresAVX2(sums *float64, v *float32, n int)
//
// n is a multiple of 4. Every fourth square is added up in a double of its own,
// four in all, onto what is there.
TEXT ·squaresAVX2(SB), NOSPLIT, $0-24
	MOVQ    sums+0(FP), DI
	MOVQ    v+8(FP), SI
	MOVQ    n+16(FP), CX
	VMOVUPD (DI), Y0
	XORQ    AX, AX

square:
	CMPQ      AX, CX
	JGE       squared
	VCVTPS2PD (SI)(AX*4), Y1
	VMULPD    Y1, Y1, Y1
	VADDPD    Y1, Y0, Y0
	ADDQ      $4, AX
	JMP       square

squared:
	VMOVUPD Y0, (DI)
	VZEROUPPER
	RET

// func scaleAVX2(v *float32, n int, per float64)
//
// n is a multiple of 4. The products are of doubles, as in the plain form.
TEXT ·scaleAVX2(SB), NOSPLIT, $0-24
	MOVQ         v+0(FP), SI
	MOVQ         n+8(FP), CX
	VBROADCASTSD per+16(FP), Y0
	XORQ         AX, AX

scale:
	CMPQ       AX, CX
	JGE        scaled
	VCVTPS2PD  (SI)(AX*4), Y1
	VMULPD     Y0, Y1, Y1
	VCVTPD2PSY Y1, X1
	VMOVUPS    X1, (SI)(AX*4)
	ADDQ       $4, AX
	JMP        scale

scaled:
	VZEROUPPER
	RET
