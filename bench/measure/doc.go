// Package measure measures in turns and words what came of it: a median of
// rounds with the smallest and the largest, so that a busy machine shows in the
// spread and not in the ratio, as rows that hold what was asked beside what was
// reached. What is measured it leaves to others.
package measure
