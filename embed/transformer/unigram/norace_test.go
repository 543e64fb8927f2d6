//go:build !race

package unigram_test

const raceDetector = false
