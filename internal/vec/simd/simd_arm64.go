package simd

import "golang.org/x/sys/cpu"

const avx2, avx512, vnni, avxVNNI = false, false, false, false

var dotProduct = cpu.ARM64.HasASIMDDP
