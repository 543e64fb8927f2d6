package engine

import (
	"github.com/semroute/semroute/embed/static"
	"github.com/semroute/semroute/embed/transformer/bgesmall"
	"github.com/semroute/semroute/routes"
)

// DefaultEmbedder is the kind of embedder where nobody names one: Transformer, with
// the model in the program, or Static where that was left out of it. A catalog
// that was fitted for the static vectors of this program keeps them: its bounds
// hold for no others.
func DefaultEmbedder(catalog *routes.Catalog) string {
	if bgesmall.Compiled() == nil || FittedForStatic(catalog) {
		return Static
	}
	return Transformer
}

// FittedForStatic says that a catalog, nil for none, was fitted for the static
// vectors of this program.
func FittedForStatic(catalog *routes.Catalog) bool {
	if catalog == nil || catalog.Fitted == nil {
		return false
	}
	e, err := static.New(static.Config{})
	return err == nil && e.Fingerprint() == catalog.Fitted.Embedder
}
