// Package drift notices that the prompts which are decided have become others
// than those of a reference: their confidence, how many get no route, how far they
// lie from the utterances, and how often each route is chosen.
//
// It promises a bound on false alarms: while all of these keep their means, up to
// a tolerance and what the size of the reference leaves open, the expected number
// of decisions to a false alarm of any of them is at least Config.RunLength. The
// test is that of package edetect; what it needs is added up, not averaged over
// fixed windows, so that a large change is noticed after tens of decisions and a
// small one later. A window of the last decisions is kept for people to look at.
package drift
