package vec

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddScaledInt8EqualsThePlainLoop(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, 7, 31, 32, 33, 64, 100, 256, 257, 384} {
		row, got := make([]byte, size), make([]float32, size)
		for i := range row {
			row[i], got[i] = byte(random.Uint32()), random.Float32()-0.5
		}
		want := append([]float32{}, got...)
		for _, scale := range []float32{0.017, -3, 0} {
			AddScaledInt8(got, row, scale)
			addScaledInt8Portable(want, row, scale)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("size %d scale %v (-plain +simd):\n%s", size, scale, diff)
			}
		}
	}
}

func TestAddScaledInt8ReadsSignedBytes(t *testing.T) {
	got := make([]float32, 40)
	row := make([]byte, 40)
	row[0], row[1], row[39] = 0x80, 0xff, 0x7f
	AddScaledInt8(got, row, 2)
	if got[0] != -256 || got[1] != -2 || got[39] != 254 || got[2] != 0 {
		t.Fatalf("got %v", got)
	}
}

func TestAddScaledInt8RefusesDifferentLengths(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("no panic for a row shorter than the vector")
		}
	}()
	AddScaledInt8(make([]float32, 64), make([]byte, 32), 1)
}

func BenchmarkAddScaledInt8(b *testing.B) {
	dst, row := make([]float32, 256), make([]byte, 256)
	b.SetBytes(256)
	for b.Loop() {
		AddScaledInt8(dst, row, 0.5)
	}
}
