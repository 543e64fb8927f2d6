package router

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/semroute/semroute/embed"
	"golang.org/x/sync/errgroup"
)

// rankers bounds how many prompts of a batch are scored at once: a remote
// index makes scoring wait, and waiting overlaps.
const rankers = 16

// batch is the work on the prompts of one call, all on one generation.
type batch struct {
	router *Router
	g      *Generation
	limits Limits
	jobs   []job
	now    time.Time // when the last step ended
	room   []float32 // for the vector of a single prompt; kept from batch to batch
}

// job is the work on one prompt. Open means that nothing has decided yet.
type job struct {
	reading  reading
	only     []string
	open     bool
	foreign  string // the language of the prompt where the catalog does not speak it
	decision Decision
}

func (b *batch) run(ctx context.Context, prompts []Prompt) error {
	for i := range prompts {
		if err := b.begin(ctx, &b.jobs[i], &prompts[i]); err != nil {
			return err
		}
	}
	if b.g.StaticFirst() {
		if err := b.stage(ctx, StageStatic, b.g.static); err != nil {
			return err
		}
	}
	if b.g.static == nil || !b.g.settings.DegradeToStatic {
		return b.stage(ctx, StageSemantic, &b.g.semantic)
	}
	return b.semanticOrStatic(ctx)
}

// semanticOrStatic lets static vectors decide when the semantic stage fails or
// takes long, and keeps a share of the deadline for that.
func (b *batch) semanticOrStatic(ctx context.Context) error {
	semantic, cancel := keepShare(ctx, b.g.settings.EmbedBudget)
	err := b.stage(semantic, StageSemantic, &b.g.semantic)
	cancel()
	if err == nil || ctx.Err() != nil {
		return err
	}
	if errors.Is(err, ErrIndex) && b.g.semantic.Copy != nil && b.byCopy(ctx, err) {
		return nil
	}
	for i := range b.jobs {
		if j := &b.jobs[i]; j.open {
			j.decision.degrade(causeOf(err), "semantic stage failed, static vectors decided: "+err.Error())
		}
	}
	return b.stage(ctx, StageFallback, b.g.static)
}

// byCopy has the copy of the index's vectors decide, and says so; false where it
// cannot either.
func (b *batch) byCopy(ctx context.Context, why error) bool {
	var open []*job
	for i := range b.jobs {
		if b.jobs[i].open {
			open = append(open, &b.jobs[i])
		}
	}
	space := b.g.semantic
	space.Index = space.Copy
	if b.stage(ctx, StageSemantic, &space) != nil {
		return false
	}
	for _, j := range open {
		j.decision.degrade(CauseIndex, "the index failed, the copy of its vectors in memory was searched: "+why.Error())
	}
	return true
}

// The way out by static vectors takes microseconds for each prompt; what is kept
// for it is far more, so that a busy machine is in time too. However long a caller
// would wait, mostWaited is enough for any prompt on a slow processor; an embedder
// that hangs costs nobody more.
const (
	keptShare  = 4 // a quarter of the time left
	mostKept   = 500 * time.Millisecond
	mostWaited = 5 * time.Second
)

// keepShare ends a little before ctx does, and when the budget is spent, mostWaited
// where there is none, at the latest.
func keepShare(ctx context.Context, budget time.Duration) (context.Context, context.CancelFunc) {
	wait := mostWaited
	if budget > 0 {
		wait = budget
	}
	if end, bounded := ctx.Deadline(); bounded {
		left := time.Until(end)
		wait = min(wait, left-min(left/keptShare, mostKept))
	}
	return context.WithTimeout(ctx, wait)
}

// begin answers what needs no vector: empty prompts and rules.
func (b *batch) begin(ctx context.Context, j *job, p *Prompt) error {
	j.reading = p.read(b.g.settings.Turns)
	j.decision = Decision{
		ID:          b.router.newID(),
		Fingerprint: b.g.fingerprint,
		NonText:     j.reading.nonText,
		Omitted:     j.reading.omitted,
		Turns:       j.reading.turns,
	}
	if isBlank(j.reading.text) {
		b.abstain(j, ReasonEmpty, 0)
		return nil
	}
	if b.g.standIn != "" {
		j.decision.degrade(CauseStarting, b.g.standIn)
	}
	j.open = true
	if b.g.languages != nil {
		j.foreign = b.g.languages.Foreign(j.reading.text)
	}
	if b.g.speller != nil {
		for i, text := range j.reading.texts() {
			j.reading.room[i] = b.g.speller.Mend(text)
		}
	}
	if b.g.rules == nil || b.g.settings.Stages.NoRules {
		return nil
	}
	return b.applyRules(ctx, j, p)
}

// isBlank says that there is nothing to embed.
func isBlank(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r > ' ' && r != 0x7f && r != 0xa0 && r != 0xfeff }) < 0
}

// stage embeds the open prompts and scores each. A stage that is not sure
// leaves its prompts open, except the last one.
func (b *batch) stage(ctx context.Context, stage Stage, space *Space) error {
	single, ok := space.Embedder.(SingleEmbedder)
	if ok && len(b.jobs) == 1 && b.jobs[0].reading.n == 1 {
		return b.stageOne(ctx, stage, space, single)
	}
	var texts []string
	for i := range b.jobs {
		if j := &b.jobs[i]; j.open {
			texts = append(texts, j.reading.texts()...)
		}
	}
	if len(texts) == 0 {
		return nil
	}
	start := b.lap()
	vectors, err := space.Embedder.EmbedQueries(ctx, texts)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEmbedder, err)
	}
	return b.scoreAll(ctx, stage, space, vectors, micros(b.lap().Sub(start)))
}

// stageOne is stage for the only prompt of a call.
func (b *batch) stageOne(ctx context.Context, stage Stage, space *Space, embedder SingleEmbedder) error {
	j := &b.jobs[0]
	if !j.open {
		return nil
	}
	start := b.now
	embedded, err := embedder.EmbedQuery(ctx, j.reading.room[0], &b.room)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrEmbedder, err)
	}
	scoring := b.lap()
	j.decision.Timings.Embed += micros(scoring.Sub(start))
	ranking, ok := b.recall(space, j, embedded)
	if !ok {
		if ranking, err = b.rank(ctx, space, j, j.reading.room[0], embedded.Vector); err != nil {
			return err
		}
		b.remember(space, j, embedded, ranking)
	}
	j.scored(ranking, micros(b.lap().Sub(scoring)), j.reading.turns, embedded)
	b.conclude(stage, j, ranking)
	return nil
}

// lap takes the time.
func (b *batch) lap() time.Time {
	b.now = b.router.clock()
	return b.now
}

// scoreAll scores the open prompts side by side.
func (b *batch) scoreAll(ctx context.Context, stage Stage, space *Space, vectors embed.Batch, embed uint32) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(rankers)
	at := 0
	for i := range b.jobs {
		j := &b.jobs[i]
		if !j.open {
			continue
		}
		j.decision.Timings.Embed += embed
		first := at
		at += j.reading.n
		group.Go(func() error {
			return recovered(func() error { return b.score(ctx, stage, space, j, vectors, first) })
		})
	}
	err := group.Wait()
	b.lap()
	return err
}

// score ranks each text of a prompt and lets the prompt's way choose.
func (b *batch) score(ctx context.Context, stage Stage, space *Space, j *job, vectors embed.Batch, at int) error {
	start := b.router.clock()
	rankings := make([]Ranking, j.reading.n)
	var searched uint32
	for i, text := range j.reading.texts() {
		var err error
		if rankings[i], err = b.rank(ctx, space, j, text, vectors.Vectors[at+i]); err != nil {
			return err
		}
		searched += rankings[i].SearchMicros
	}
	ranking, chosen, turns := rankings[0], 0, j.reading.turns
	switch j.reading.way {
	case followed:
		if chosen = b.follow(stage, j, rankings); chosen > 0 {
			turns = j.reading.span
		}
		ranking = rankings[chosen]
	case agreed:
		ranking, chosen = b.agree(stage, rankings)
		j.reading.partly = j.reading.partly || chosen > 0
	}
	ranking.SearchMicros = searched
	j.scored(ranking, micros(b.router.clock().Sub(start)), turns, vectors.At(at+chosen))
	b.conclude(stage, j, ranking)
	return nil
}

// rank asks the space's ranker about one text of a prompt.
func (b *batch) rank(ctx context.Context, space *Space, j *job, text string, vector []float32) (Ranking, error) {
	limits := b.limits
	limits.Only = j.only
	ranking, err := space.Ranker.Rank(ctx, text, vector, space.Index, limits)
	if err != nil {
		return Ranking{}, fmt.Errorf("%w: %w", ErrIndex, err)
	}
	return ranking, nil
}

// scored notes how a ranking came about, in spent microseconds.
func (j *job) scored(r Ranking, spent uint32, turns int, of embed.Embedded) {
	d := &j.decision
	d.Timings.Search += r.SearchMicros
	d.Timings.Score += spent - min(spent, r.SearchMicros)
	d.Turns, d.Truncated, d.Cached = turns, of.Truncated || j.reading.partly, of.Cached
}
