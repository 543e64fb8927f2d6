//go:build race

package unigram_test

// Under the race detector sync.Pool drops some of what it is given.
const raceDetector = true
