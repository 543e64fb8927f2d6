//go:build !amd64 && !arm64

package simd

const avx2, avx512, vnni, dotProduct = false, false, false, false
