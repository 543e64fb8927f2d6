// Package feedback takes what is said of decisions, keeps it, and says what it
// comes to: whether the chosen route was right, which one is, and how good the
// answer was.
//
// It promises that what it has acknowledged is kept once, however often it is
// sent; that it is kept however late it comes, as long as the record of its
// decision is, and whatever has become of the routes it speaks of; and that
// what is kept can be read when the record of the decision is gone. It keeps no
// text of prompts: that is the ledger's, as far as its settings allow.
package feedback
