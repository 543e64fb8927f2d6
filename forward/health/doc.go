// Package health keeps what is known about the upstreams: open circuits, pauses
// they asked for, calls in flight, observed speed, and how long a prompt they
// would not take. It outlives a change of the catalog.
//
// It makes no calls and judges none: whoever makes one says what came of it.
package health
