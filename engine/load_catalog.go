package engine

import (
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// LoadCatalog loads a catalog with the checks of everybody who compiles a part of
// it, so that all problems of its files are reported at once, in order. The
// error is a routes.Problems.
func LoadCatalog(paths ...string) (*routes.Catalog, error) {
	loader := routes.Loader{Checks: []func(*routes.Catalog) routes.Problems{router.CheckRules, policy.CheckConditions}}
	return loader.Load(paths...)
}
