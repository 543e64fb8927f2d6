// Package policy decides which models serve a call: those that can, in the
// order of the route's strategy and the user's tier, one after another while
// they fail, or as a cascade that holds answers back until they are accepted.
// It keeps the record of the call.
//
// It promises that only models named by the call are asked, that a call ends
// with an answer or with one of package forward's errors, and that the order can
// be had without a call. How one model is called is forward/attempt's.
package policy
