package simd

import (
	"os"
	"strings"
	"testing"
)

// What GODEBUG turns off must be off, or the tests that run without it would
// test nothing new.
func TestWhatIsTurnedOffIsOff(t *testing.T) {
	off := func(feature string) bool { return strings.Contains(os.Getenv("GODEBUG"), "cpu."+feature+"=off") }
	t.Logf("AVX2 %v, AVX-VNNI %v, AVX-512 %v with VNNI %v, NEON dot product %v", AVX2(), AVXVNNI(), AVX512(), VNNI(), DotProduct())
	if off("avx2") && AVX2() || off("avx512f") && AVX512() || off("avxvnni") && AVXVNNI() {
		t.Error("used although turned off")
	}
	if VNNI() && !AVX512() || AVX512() && !AVX2() || AVXVNNI() && !AVX2() {
		t.Error("a level without the one below it")
	}
}
