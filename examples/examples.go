// Package examples holds the example catalogs, compiled in so that the demo
// runs from the binary alone.
package examples

import "embed"

// FS holds the folders support and assistant.
//
//go:embed support assistant
var FS embed.FS
