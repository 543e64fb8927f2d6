package router

import "github.com/semroute/semroute/embed"

// remembered is what a space's ranker made of a prompt whose vector is
// remembered. A generation never ranks the same text differently, so the ranking
// is good for as long as the generation and the limits are the same ones.
type remembered struct {
	mark               *mark
	candidates, wanted int
	ranking            Ranking
}

// mark tells the spaces of all generations apart without holding on to them.
type mark struct{ _ byte }

// usualShown is up to how many candidates and matches a ranking is worth
// remembering: the cache reckons with so much.
const usualShown = 8

// recall looks for what was made of the text before. Prompts that a rule
// restricts are ranked anew.
func (b *batch) recall(space *Space, j *job, of embed.Embedded) (Ranking, bool) {
	if of.Memo == nil || j.only != nil {
		return Ranking{}, false
	}
	kept, ok := of.Memo.Load().(*remembered)
	if !ok || kept.mark != space.mark || kept.candidates != b.limits.Candidates || kept.wanted != b.limits.Matches {
		return Ranking{}, false
	}
	return kept.ranking, true
}

// remember keeps a ranking where there is a place for it.
func (b *batch) remember(space *Space, j *job, of embed.Embedded, r Ranking) {
	if of.Memo == nil || j.only != nil || len(r.Candidates) > usualShown || len(r.Matches) > usualShown {
		return
	}
	r.SearchMicros = 0 // it takes none the next time
	of.Memo.Store(&remembered{mark: space.mark, candidates: b.limits.Candidates, wanted: b.limits.Matches, ranking: r})
}
