//go:build !race

package transformer_test

const raceDetector = false
