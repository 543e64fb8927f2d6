// Package models notices that a model behind an address answers in another way
// than before: longer or shorter, slower, with refusals or errors, rejected or
// scored lower by judges, or in another name. The first calls of each model are the
// reference; the test is that of package edetect, with its bound on false alarms
// for each model.
package models
