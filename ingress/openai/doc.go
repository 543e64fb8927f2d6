// Package openai answers OpenAI's protocol: chat completions, embeddings and the
// list of models, so that a client changes its base URL and is routed. The model
// "auto" is chosen by the router; "route:NAME", "model:NAME" and the catalog's
// aliases choose otherwise.
//
// It promises that a request means the same as by gRPC, that what an upstream
// cannot express is an error in OpenAI's own shape, and that fields nobody here
// knows reach an upstream of the same protocol as they are. Deciding and calling
// are ingress's.
package openai
