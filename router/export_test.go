package router

import "context"

// NearestLeaders is how many routes the nearest utterances put in the lead.
const NearestLeaders = nearestLeaders

// LeadByNearest gives the routes that lead by their nearest utterances alone.
func (r *Classifier) LeadByNearest(ctx context.Context, text string, vector []float32, in Searcher) ([]string, error) {
	s, _ := r.scratch.Get().(*scratch)
	defer r.scratch.Put(s)
	leaders, err := r.leadByNearest(ctx, s, text, vector, in, nil)
	var names []string
	for _, leader := range leaders {
		names = append(names, r.names[leader.Route])
	}
	return names, err
}
