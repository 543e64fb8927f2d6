//go:build !amd64

package vec

func maxAbs(_ []float32) (top float32, done int) { return 0, 0 }

func quantizeI8(_ []int8, _ []float32, _ float64) int { return 0 }

func quantizeLowI8(_, _ []int8, _ []float32, _ float64) int { return 0 }

func squares(_ *[4]float64, _ []float32) int { return 0 }

func scale(_ []float32, _ float64) int { return 0 }
