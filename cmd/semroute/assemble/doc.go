// Package assemble puts the parts of a router together: it opens the embedder
// and the index that the settings name, brings the index up to date with the
// catalog by embedding only what is new, trains the ranker, and returns a
// complete generation. The server, the command line and the benchmarks all
// build by it, so that they decide alike. It makes no decision of its own.
package assemble
