// Package attempt makes calls to single models: within deadlines, with retries
// and, where wanted, a hedge at a second model. It takes a place at the model
// and holds back its share of a budget, and books what came of every attempt.
//
// It promises that place and share are given back whatever happens, a panic
// included; that the caller's slowness is bounded and never charged to a model;
// that nothing is retried after a piece has reached the caller; and that what it
// fails with is one of package forward's errors. Which model is asked, and what
// an answer is worth, is decided by forward/policy.
package attempt
