//go:build !amd64

package vec

func sumRows(_, _ []float32, _ []uint32, _ []float32) bool          { return false }
func sumRowsI8(_ []float32, _ []int8, _ []uint32, _ []float32) bool { return false }
