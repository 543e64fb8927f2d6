// Package suggest turns decided prompts, what was said of them, and held-out
// decisions on a catalog's utterances into changes of the catalog that a person
// may accept: utterances to add, routes to open, examples of what fits nowhere,
// and utterances that stand under the wrong route.
//
// It changes nothing and asks nobody. Each suggestion comes with the prompts it
// stands on, the near-duplicates that need not be added beside it, and an
// estimate of its effect on prompts that the estimate has not learnt from. It
// works on vectors that its callers bring; equal input gives equal output.
package suggest
