package revision

import (
	"context"

	"github.com/semroute/semroute/engine"
	"github.com/semroute/semroute/routes"
	"github.com/semroute/semroute/routes/edit"
)

// Validate says what is wrong with changes of the catalog in place, as
// edit.Editor does, and gives the catalog that they would make.
func (s *Source) Validate(changes []edit.Change) (*routes.Catalog, error) {
	result, err := s.editor.Apply(s.now.Load().catalog, changes)
	return result.Catalog, err
}

// Preview builds what changes would make of the catalog in place, which goes on.
// The caller closes it.
func (s *Source) Preview(ctx context.Context, changes []edit.Change) (*engine.Assembly, error) {
	catalog, err := s.Validate(changes)
	if err != nil {
		return nil, err
	}
	return s.engine.Candidate(ctx, catalog)
}
