// Package edit changes catalogs: it makes another catalog of one and a list of
// changes, all of them or none, and holds it to the rules that the files of a
// catalog are held to. What is wrong is named by the change and its field. It
// keeps nothing and serves nothing.
package edit
