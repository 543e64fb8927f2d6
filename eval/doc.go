// Package eval measures decisions: how often they are right, whether their
// confidence means what it says, what refusing costs, which routes are mixed
// up, how little it takes to flip an answer, and how long one takes.
//
// It promises: the same decisions, labels and seed give the same numbers (only
// latency varies); a number that is not defined for the data, such as the
// out-of-scope recall of data without out-of-scope prompts, is null and never
// 0 or NaN; and every measure of a Result can be gated by name.
//
// eval/lint finds problems in utterances, eval/diff compares two deciders, and
// eval/report writes results for people, CI systems and repositories. All leave
// to others how a decision is made, where prompts and held-out predictions come
// from, and what exit code follows.
package eval
