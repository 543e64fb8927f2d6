package nn

// fma is x·y + z with one rounding: Go's compiler fuses the two here, which it may
// and, as a test holds, does.
func fma(x, y, z float32) float32 { return x*y + z }
