package engine

import (
	"github.com/semroute/semroute/forward/policy"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// LoadCatalog loads a catalog with the checks of everybody who compiles a part of
// it, so that all problems of its files are reported at once, in order. A large
// one is kept in cacheDir as it was read; "" keeps nothing. The error is a
// routes.Problems.
func LoadCatalog(cacheDir string, paths ...string) (*routes.Catalog, error) {
	return routes.Loader{CacheDir: cacheDir, Checks: CatalogChecks()}.Load(paths...)
}

// CatalogChecks are those of everybody who compiles a part of a catalog.
func CatalogChecks() []func(*routes.Catalog) routes.Problems {
	return []func(*routes.Catalog) routes.Problems{router.CheckRules, policy.CheckConditions}
}
