// Package routes is the catalog of one deployment: models, routes, rules,
// fallback and budgets, read strictly from YAML and identified by a
// fingerprint. Its readers report every problem at once, each with its place
// in the file and the nearest known name. It also reads labelled prompts and
// outcomes, and writes catalogs; routes/importer makes catalogs of other formats.
//
// It does not embed, search or decide. CEL expressions are kept as text with
// their place; whoever evaluates them compiles them.
package routes
