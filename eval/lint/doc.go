// Package lint finds what in a catalog's utterances makes decisions worse than
// they need be: the same wording in two routes, too few utterances, utterances
// that held-out decisions place elsewhere, and evaluation prompts that leaked
// into the catalog. The same input gives the same findings in the same order.
// It changes nothing, and leaves to others where vectors and held-out
// predictions come from.
package lint
