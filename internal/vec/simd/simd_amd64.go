package simd

import "golang.org/x/sys/cpu"

const dotProduct = false

var (
	avx2   = cpu.X86.HasAVX2 && cpu.X86.HasFMA && cpu.X86.HasBMI2 && cpu.X86.HasPOPCNT
	avx512 = avx2 && cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL
	vnni   = avx512 && cpu.X86.HasAVX512VNNI

	avxVNNI = avx2 && cpu.X86.HasAVXVNNI
)
