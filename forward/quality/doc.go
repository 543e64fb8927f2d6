// Package quality learns from outcomes how well each model answers which
// prompt, and measures what choosing by that estimate is worth.
//
// A prompt is described by its embedding, its shape (length, numbers,
// questions, …), a few cue words and hashed words and pairs of words; a ridge
// regression a model gives the expected quality. How strongly the regressions
// are held back is chosen by cross-validation, and the estimates are calibrated
// on predictions for prompts that the regression had not seen.
//
// It embeds nothing, prices nothing and chooses no model: forward does, by the
// strategy "quality".
package quality
