// Package wire is what the provider adapters share: the request over
// http.Transport, the reading of an answer as a stream of messages, failures in
// every shape that servers give them, and the redaction of secrets.
//
// It promises that every failure is a *forward.UpstreamError of the right class
// whose texts are one bounded line without the model's key; that redirects are
// not followed; that what is read is bounded; that the answer does not depend on
// how its bytes are cut; and that a connection which a server leaves open after
// the end of an answer is waited for only a moment. It knows no provider's
// messages: an adapter reads them as a Protocol.
package wire
