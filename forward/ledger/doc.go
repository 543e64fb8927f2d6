// Package ledger keeps what was decided and what it cost in one SQLite file:
// the decision log and the budgets.
//
// Appending never waits for the disk: records go through a bounded queue to
// one writer, which commits them in batches every few milliseconds. When the
// disk fails, calls go on and the loss is counted. Nothing is lost on Close,
// and after a kill at most what the last FlushEvery did not commit. Budgets
// are kept in memory, written with the records and read again at the start.
//
// It does not price anything and decides no route; it stores prompts only as
// far as Config.Prompts allows.
package ledger
