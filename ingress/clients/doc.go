// Package clients has no code of its own: its tests ask a running server by other
// people's clients and suites, unmodified, over doubles of model servers. They need
// Python and Node, and run with the tag integration. The clients for Go are asked by a
// module of their own, golang.
package clients
