// Package store is the contract of what must outlive the process: the records
// of decisions and calls, what was spent of the budgets, feedback, the revisions
// of the catalog, API keys, and small values such as sessions; and of what
// replicas agree by: watching, locks and heartbeats.
//
// A store keeps plain records of its own and knows nothing of models, prices or
// catalogs. Appending never waits for the disk and never fails a call; what
// cannot be kept is counted. What is stored of prompts is decided here, before
// a database sees them. Package storetest holds what every store promises;
// package sqlite keeps it in one file that one process owns, package postgres
// in a database that several share.
package store
