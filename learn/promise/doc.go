// Package promise watches whether decisions are right as often as was promised,
// on feedback that comes one by one and is looked at after each.
//
// A promise is tested by betting (Waudby-Smith and Ramdas 2020, "Estimating
// means of bounded random variables by betting"): a gambler who begins with 1
// bets against the promise on every outcome at odds that would be fair if it
// just held. While it holds, the expected wealth never grows, so it ever reaches
// 1/a with probability a at most (Ville 1939), whenever and however often one
// looks. Outcomes need not be independent: it is enough that each is right with
// at least the promised probability, given all before it.
//
// The promise is about the decisions that feedback was given on. Who complains
// when wrong and is silent when right makes every router look worse than it is;
// the package cannot know that, and takes a sample drawn without looking at the
// outcome where there is one.
package promise
