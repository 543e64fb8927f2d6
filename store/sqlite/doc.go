// Package sqlite keeps a store in one SQLite file.
//
// Records go through a queue that is bounded in number and in bytes to one
// writer, which commits them in batches every few milliseconds. When the disk
// fails, calls go on and the loss is counted. Nothing is lost on Close, and
// after a kill at most what the last FlushEvery did not commit. Accounts are
// kept in memory, written with the records and read again at the start; that is
// why only one process may have a file open for writing, and a lock file beside
// it (PATH.lock) says which one does. Readers need no lock.
//
// The file and what SQLite puts beside it are for their owner alone.
package sqlite
