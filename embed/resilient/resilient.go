// Package resilient keeps a remote embedder's failures from costing every
// prompt a deadline: Circuit stops asking a server that fails, and finds out by
// itself when it is back.
//
// A Circuit belongs behind the cache, which still answers while it is open, and
// in front of the batcher, whose shared calls tell nothing of a caller's
// deadline. What to do instead of an answer, and trying again at start, is left
// to the caller; so is a changed model (embed.ErrModelChanged), which only
// opening it again mends.
package resilient
