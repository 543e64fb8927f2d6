//go:build !amd64 && !arm64

package simd

const avx2, avx512, vnni, avxVNNI, dotProduct = false, false, false, false, false
