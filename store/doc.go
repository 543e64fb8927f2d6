// Package store is the contract of what must outlive the process: the records
// of decisions and calls, and what was spent of the budgets.
//
// A store keeps plain records of its own and knows nothing of models, prices or
// catalogs. Appending never waits for the disk and never fails a call; what
// cannot be kept is counted. What is stored of prompts is decided here, before
// a database sees them. Package storetest holds what every store promises;
// package sqlite keeps it in one file.
package store
