// Package forward makes the call to a model: it picks one of the models that a
// route names, streams the answer to the caller piece by piece, retries and
// fails over while nothing has reached the caller yet, and writes down every
// attempt with its tokens, its latency and its cost.
//
// It promises that only models named by the call are asked, that nothing is
// retried after the first piece reached the caller, that cancelling the caller
// cancels the upstream call, and that no goroutine outlives the call it was
// started for. Back-pressure is by construction: a provider reads on only when
// the caller's sink has returned.
//
// It does not decide which route a prompt belongs to, and it speaks no
// provider's protocol: that is done by the adapters below it (forward/ollama,
// forward/openai, forward/anthropic). Records and
// budgets are kept by whoever implements Log and Budgets.
package forward
