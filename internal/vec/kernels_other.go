//go:build !amd64

package vec

func dotRows(dst, rows []float32, dim int, q []float32) { dotRowsPortable(dst, rows, dim, q) }

func dotRowsI8(dst []int32, rows []int8, dim int, q []int8) { dotRowsI8Portable(dst, rows, dim, q) }

func axpy(alpha float32, x, y []float32) { axpyPortable(alpha, x, y) }

func firstAbove(_ []float32, _ float32) int { return 0 }

func scoresI8(_ []float32, _ []int32, _ []float32) int { return 0 }

func eighthFloor(values []float32) float32 { return eighthFloorPortable(values) }

func reachMask(_ []float32, _ float32) (mask uint64, done int) { return 0, 0 }

func lowDotRows(_ []LowDot, _ RowsI16, _ []int32, _ CodeI16) bool { return false }
