package agents

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/semroute/semroute/auth"
	"github.com/semroute/semroute/chat"
	"github.com/semroute/semroute/forward"
	"github.com/semroute/semroute/ingress"
	"github.com/semroute/semroute/router"
	"github.com/semroute/semroute/routes"
)

// Setup is what is simulated.
type Setup struct {
	Catalog *routes.Catalog
	Decider ingress.Decider
	// Sessions are those that each turn may go to, one after the other, as replicas
	// behind a balancer; none has every turn stand alone.
	Sessions []ingress.Sessions
	Subjects []Subject
	// Strength orders the models, the weakest first.
	Strength []string
	// Turns is how many are sent, Seed what they follow from.
	Turns int
	Seed  uint64
}

// Result is what became of the turns.
type Result struct {
	Turns, Switches int
	// Changes are the turns whose own route has another first model than that of the
	// turn before: what somebody who knows all routes would change.
	Changes int
	// LoopSwitches are changes of the model between a tool call and its result.
	LoopSwitches int
	// Good is how many turns are expected to be answered well: nineteen in twenty by
	// a model as strong as the first of the turn's own route, two in twenty fewer for
	// each model between.
	Good float64
	// Cost is what all calls cost, Best what the strongest model would have cost for
	// all of them; nano-dollars, with the caches of their providers.
	Cost, Best int64
	// Known is what it would have cost to ask the first model of each turn's own
	// route.
	Known   int64
	Reasons map[string]int
}

// Quality is the share of turns that were answered well.
func (r Result) Quality() float64 { return r.Good / float64(r.Turns) }

// Saved is the share of the cost of the strongest model that was not spent.
func (r Result) Saved() float64 { return 1 - float64(r.Cost)/float64(r.Best) }

// Simulate sends the turns.
func Simulate(ctx context.Context, s Setup) (Result, error) {
	models, err := newModels(s.Catalog)
	if err != nil {
		return Result{}, err
	}
	sessions := s.Sessions
	if len(sessions) == 0 {
		sessions = []ingress.Sessions{nil}
	}
	var doors []*ingress.Service
	for _, known := range sessions {
		doors = append(doors, ingress.New(ingress.Config{
			Decider: s.Decider, Forwarder: models, Sessions: known, Catalog: func() *routes.Catalog { return s.Catalog },
		}))
	}
	sim := &simulation{Setup: s, models: models, doors: doors, rng: rand.New(rand.NewPCG(s.Seed, 1)), result: Result{Reasons: map[string]int{}}}
	ctx = auth.NewContext(ctx, auth.Open())
	for id := 0; sim.result.Turns < s.Turns; id++ {
		if err := sim.converse(ctx, id); err != nil {
			return sim.result, err
		}
	}
	return sim.result, nil
}

type simulation struct {
	Setup
	models *models
	doors  []*ingress.Service
	rng    *rand.Rand
	result Result

	lastNeeded string // the first model of the last turn's own route
}

// converse sends the turns of one conversation.
func (s *simulation) converse(ctx context.Context, id int) error {
	tools := map[string]bool{}
	for i := range s.Catalog.Routes {
		tools[s.Catalog.Routes[i].Name] = s.runsTools(s.Catalog.Routes[i].Models[0])
	}
	turns := conversation(s.rng, id, s.Subjects, tools)
	var messages []chat.Message
	last, cached, best := "", int64(0), int64(0)
	for i, t := range turns {
		messages = append(messages, t.message)
		answer := chat.Say(chat.Assistant, fmt.Sprintf("answer %d of %d: %s", i, id, words(s.rng, 20+s.rng.IntN(200))))
		if i+1 < len(turns) && turns[i+1].loop {
			answer = chat.Message{Role: chat.Assistant, ToolCalls: []chat.ToolCall{{ID: turns[i+1].message.ToolCallID, Name: "read", Arguments: "{}"}}}
		}
		record, err := s.ask(ctx, i, t, messages, answer)
		if err != nil {
			return fmt.Errorf("turn %d of conversation %d: %w", i, id, err)
		}
		usage := record.Usage
		if usage.CachedInputTokens = 0; record.Model == last {
			usage.CachedInputTokens = min(cached, usage.InputTokens)
		}
		s.result.Cost += forward.Cost(s.models.price(record.Model), usage)
		usage.CachedInputTokens = min(best, usage.InputTokens)
		s.result.Best += forward.Cost(s.models.price(s.Strength[len(s.Strength)-1]), usage)
		needed := s.needed(t.route)
		if usage.CachedInputTokens = 0; needed == s.lastNeeded {
			usage.CachedInputTokens = min(best, usage.InputTokens)
		}
		s.result.Known += forward.Cost(s.models.price(needed), usage)
		s.count(t, record, last)
		last, cached, best = record.Model, usage.Total(), usage.Total()
		messages = append(messages, answer)
		if best > mostTokens {
			return nil
		}
	}
	return nil
}

// mostTokens ends a conversation before it outgrows the windows of the example's
// models.
const mostTokens = 24_000

// ask sends a turn to one of the doors.
func (s *simulation) ask(ctx context.Context, i int, t turn, messages []chat.Message, answer chat.Message) (forward.Record, error) {
	s.models.answer = answer
	request := forward.Request{Messages: slices.Clone(messages)}
	if t.tools {
		request.Tools = []forward.Tool{{Name: "read"}}
	}
	call, err := s.doors[i%len(s.doors)].Begin(ctx, ingress.Ask{
		Prompt: router.Prompt{Messages: request.Messages}, Limits: router.Limits{Candidates: router.None, Matches: router.None},
		Request: func() (forward.Request, error) { return request, nil },
	})
	if err != nil {
		return forward.Record{}, err
	}
	return call.Forward(ctx, func(forward.Piece) error { return nil })
}

func (s *simulation) count(t turn, record forward.Record, last string) {
	r := &s.result
	r.Turns++
	if last != "" && record.Model != last {
		r.Switches++
		if t.loop {
			r.LoopSwitches++
		}
	}
	if record.Session != nil {
		r.Reasons[record.Session.Reason]++
	}
	if needed := s.needed(t.route); s.lastNeeded != "" && last != "" && needed != s.lastNeeded {
		r.Changes++
	}
	s.lastNeeded = s.needed(t.route)
	short := slices.Index(s.Strength, s.lastNeeded) - slices.Index(s.Strength, record.Model)
	r.Good += 0.95 - 0.1*float64(max(0, short))
}

// needed is the model that answers a route's prompts well.
func (s *simulation) needed(route string) string {
	for i := range s.Catalog.Routes {
		if s.Catalog.Routes[i].Name == route {
			return s.Catalog.Routes[i].Models[0]
		}
	}
	return s.Strength[0] // what fits no route needs nothing
}

func (s *simulation) runsTools(model string) bool {
	for i := range s.Catalog.Models {
		if s.Catalog.Models[i].Name == model {
			return slices.Contains(s.Catalog.Models[i].Capabilities, routes.Tools)
		}
	}
	return false
}
