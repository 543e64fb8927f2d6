// Package resilient keeps a remote embedder's failures from becoming the
// router's: Circuit stops asking a server that fails and finds out by itself
// when it is back, Budget leaves the caller time for another way to decide,
// and Open waits for a server that is down at start.
//
// The parts go together in this order, where the cache still answers while the
// circuit is open, and waiting for another's call counts against the budget:
//
//	Budget(embed.Cache(Circuit(embed.Batcher(the remote embedder))))
//
// What to do instead of an answer is left to the caller. So is a changed model
// (embed.ErrModelChanged), which only opening it again mends.
package resilient
