//go:build !amd64

package vec

// Steps that only amd64 has a kernel for.

func maxAbs([]float32) (top float32, done int) { return 0, 0 }

func quantizeI8([]int8, []float32, float64) (done int) { return 0 }

func quantizeLowI8(_, _ []int8, _ []float32, _ float64) (done int) { return 0 }

func scoresI8([]float32, []int32, []float32) (done int) { return 0 }

func firstAbove([]float32, float32) int { return 0 }

func eighthFloor(values []float32) float32 { return eighthFloorPortable(values) }

func reachMask([]float32, float32) (mask uint64, done int) { return 0, 0 }
