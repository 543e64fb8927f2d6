// Package engine is how generations come and go: it opens the embedder and the
// index that the settings name, brings the index up to date with the catalog by
// embedding only what is new, trains the ranker, finds the bounds that keep a
// promise, and puts a complete generation in place of the one before. The
// server, the command line, the benchmarks and Go programs all build by it, so
// that they decide alike. It is not on the path of a prompt: that is router's.
package engine
