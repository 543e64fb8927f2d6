//go:build race

package memory

// Under the race detector sync.Pool drops some of what it is given.
const raceDetector = true
