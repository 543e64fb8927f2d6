// Command bench measures this installation against the parts that it stands
// on: a decision against an empty call, the Ollama path against a bare
// embedding call, a forwarded stream against a direct one. What is compared is
// measured in one run, in turns, and comes out as a median of rounds with
// the smallest and the largest, so that a busy machine shows in the spread
// and not in the ratio.
//
// It builds routers by engine and starts the real binary where
// a process is what is measured. It judges nothing but the numbers that it
// was given as targets, and it keeps no numbers of other machines. What users
// need of it, `semroute bench`, is in bench/load and bench/capacity.
package main
