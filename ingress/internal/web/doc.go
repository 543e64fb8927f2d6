// Package web is what the HTTP protocols share: reading a JSON request within
// bounds, a stream of server-sent events that nobody writes to once its handler
// has returned, and the headers that tell of a decision. It knows no protocol's
// words.
package web
