// Package revision is where a server's catalog comes from and who may change it:
// files, which it then only follows, or a store, which keeps every version. It
// makes changes of the catalog in place, takes what others have stored, returns to
// what was, and says what a change would do. Each ends in one generation of the
// engine, or changes nothing.
//
// How a generation is built and swapped is the engine's, how a catalog is edited
// is routes/edit's. One process writes at a time here; several processes agree by
// the store, which takes a revision only on top of the head that its writer knew.
package revision
