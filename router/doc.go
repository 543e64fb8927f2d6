// Package router decides which route a prompt belongs to: rules first, then
// the static stage where it is safe, then the semantic stage, then the
// fallback. It says how sure it is and why, and abstains rather than guess.
//
// It declares the small interfaces that it needs and leaves embedding, search
// and training to those who implement them, transport to the server, and the
// call to the chosen model to the forwarder.
package router
