// Package simd says which vector instructions the kernels may use, decided once
// when the program starts. GODEBUG=cpu.avx512f=off,cpu.avxvnni=off and cpu.avx2=off
// hide instructions from it, so that the kernels of lesser processors can be tested
// on this one (`make test-kernels`). It knows nothing of the kernels themselves.
package simd

// AVX2 stands for AVX2 with what came with it: FMA, BMI2, POPCNT.
func AVX2() bool { return avx2 }

// AVX512 stands for AVX-512 F, BW, DQ and VL, beside AVX2.
func AVX512() bool { return avx512 }

// VNNI stands for the products of bytes in AVX-512, beside AVX512.
func VNNI() bool { return vnni }

// AVXVNNI stands for the products of bytes in AVX, beside AVX2: what desktop
// processors have without AVX-512.
func AVXVNNI() bool { return avxVNNI }

// DotProduct stands for the products of bytes in NEON (SDOT).
func DotProduct() bool { return dotProduct }
