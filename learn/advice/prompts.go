package advice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/semroute/semroute/learn/feedback"
	"github.com/semroute/semroute/learn/suggest"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/store"
)

// reading is what the store has to suggest from.
type reading struct {
	prompts     []suggest.Prompt
	read        int // decisions looked at
	withoutText int // refused or judged ones of which no text is stored
}

// read gathers the newest decisions that were refused or judged, a prompt a
// text.
func (a *Advisor) read(ctx context.Context) (reading, error) {
	summaries, err := a.summaries(ctx, time.Time{})
	if err != nil {
		return reading{}, err
	}
	said := map[string]*feedback.Summary{}
	for i := range summaries {
		said[summaries[i].Decision] = &summaries[i]
	}
	records, err := a.store.Records(ctx, store.RecordFilter{})
	if err != nil {
		return reading{}, fmt.Errorf("reading records: %w", err)
	}
	g := gathering{place: map[string]int{}, most: a.config.MaxPrompts}
	seen := map[string]bool{}
	for i := range records {
		seen[records[i].Decision] = true
		g.add(&records[i], said[records[i].Decision])
	}
	for i := range summaries { // judged decisions older than the newest records
		if s := &summaries[i]; !seen[s.Decision] {
			record, err := a.store.Record(ctx, s.Decision)
			if errors.Is(err, store.ErrNotFound) {
				g.withoutText++
				continue
			}
			if err != nil {
				return reading{}, fmt.Errorf("reading records: %w", err)
			}
			g.add(&record, s)
		}
	}
	return g.reading, nil
}

// gathering joins decisions on the same text.
type gathering struct {
	reading
	place map[string]int
	most  int
}

// add takes a decision, with what was said of it, nil for nothing. Of decisions
// on the same text the newest, which comes first, says what was decided, and
// the newest that was judged what is right.
func (g *gathering) add(r *store.Record, said *feedback.Summary) {
	g.read++
	refused := r.Route == "" && !byRule(r)
	if !refused && said == nil {
		return
	}
	if r.Prompt == "" {
		g.withoutText++
		return
	}
	i, ok := g.place[r.Prompt]
	if !ok {
		if len(g.prompts) == g.most {
			return
		}
		i = len(g.prompts)
		g.place[r.Prompt] = i
		g.prompts = append(g.prompts, suggest.Prompt{Text: r.Prompt, Decided: r.Route, Unsure: refused})
	}
	p := &g.prompts[i]
	p.Decisions = append(p.Decisions, r.Decision)
	if said == nil || p.Known {
		return
	}
	p.Right, p.Known = said.Known()
	thumbsOnly := said.Verdict == "" && said.Thumbs == feedback.Down
	p.Wrong = p.Wrong || said.Verdict == feedback.Wrong || thumbsOnly
}

// byRule says that a rule refused the prompt, which teaches nothing about routes.
func byRule(r *store.Record) bool {
	var body struct {
		Decision struct {
			Stage string `json:"stage"`
		} `json:"decision"`
	}
	return json.Unmarshal(r.Body, &body) == nil && body.Decision.Stage == "RULE"
}

// decideAtOnce is how many prompts are decided and embedded in one call.
const decideAtOnce = 256

// complete gives the prompts their vectors and what the router says now. Those
// that cannot be embedded are left out.
func complete(ctx context.Context, study *Study, prompts []suggest.Prompt) ([]suggest.Prompt, error) {
	whole := prompts[:0]
	for from := 0; from < len(prompts); from += decideAtOnce {
		part := prompts[from:min(from+decideAtOnce, len(prompts))]
		texts, asked := make([]string, len(part)), make([]router.Prompt, len(part))
		for i := range part {
			texts[i], asked[i] = part[i].Text, router.Prompt{Text: part[i].Text}
		}
		vectors, err := study.Embed(ctx, texts)
		if err != nil {
			return nil, err
		}
		decisions, err := study.Decide(ctx, asked, router.Limits{Candidates: 2, Matches: router.None})
		if err != nil {
			return nil, err
		}
		for i := range part {
			if vectors[i] == nil {
				continue
			}
			p := part[i]
			p.Vector, p.Leading, p.RunnerUp = vectors[i], decisions[i].Leading, decisions[i].RunnerUp
			if settled(&p, &decisions[i]) {
				p.Wrong, p.Unsure = false, false // what was wrong then is right now
			}
			whole = append(whole, p)
		}
	}
	return whole, nil
}

// settled says that the router in place decides the prompt as somebody said is
// right.
func settled(p *suggest.Prompt, now *router.Decision) bool {
	return p.Known && now.Route == p.Right
}
