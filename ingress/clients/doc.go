// Package clients has no code of its own: its tests ask a running server by other
// people's clients and suites, unmodified, over doubles of model servers. They need
// Python and run with the tag integration.
package clients
