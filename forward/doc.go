// Package forward says what a call to a model is: the request, the pieces of the
// answer, the ways it fails, what a provider promises, what a call costs and the
// record that is kept of it. It makes no call itself.
//
// A call is made by forward/policy, which picks among the models that a route
// names, fails over and cascades; by forward/attempt, which makes one call to
// one model, with deadlines, retries and a hedge; and by the providers
// (forward/ollama, forward/openai, forward/anthropic), which speak a protocol
// each. forward/health keeps what is known about the models meanwhile.
//
// Together they promise that only models named by the call are asked, that
// nothing is retried after the first piece reached the caller, that cancelling
// the caller cancels the upstream call, that a call ends with an answer or with
// one of this package's errors, and that nobody pays for the slowness of
// somebody else. Which route a prompt belongs to is not decided here; records and
// budgets are kept by whoever implements Log and Budgets.
package forward
