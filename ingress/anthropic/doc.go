// Package anthropic answers Anthropic's protocol: messages, streamed or not, and
// the counting of tokens, so that a client changes its base URL and is routed. The
// model "auto" is chosen by the router; "route:NAME", "model:NAME" and the
// catalog's aliases choose otherwise.
//
// It promises what package openai does for its protocol: the same decision as by
// gRPC, errors in the protocol's own shape, and that what nobody here knows reaches
// an upstream of the same protocol as it is. Thinking goes along where the upstream
// thinks aloud; an upstream of another protocol is not asked to.
package anthropic
